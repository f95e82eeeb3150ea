"""A worker that a poison kills: `python -m tests.service.frail_worker URL`, until its input ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress

import grader.database.heartbeats
import grader.database.queue
from grader.database.connection import open_pool
from grader.database.gradings import Gradings
from grader.database.queue import AWAY, GRADE, Queue, queue_of
from grader.model.service import Claim, Made
from grader.service.carrying import Carrier
from grader.service.submitting import version_of
from tests.service.running import EXERCISES, StandIn, made

POISON = b"poison"
LANES = 4


def judge(claim: Claim) -> Made:
    """Die of the poison, in the middle of what else is judged."""
    if claim.source == POISON:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(1.0)
    return made(lost=claim.lost)


async def main(url: str) -> None:
    """Take, judge and put back until the input ends; signs of life come ten times as often as usual."""
    grader.database.queue.HEARTBEAT_S = 0.5  # type: ignore[misc]
    grader.database.heartbeats.UNCHANGED_S = 1.0  # type: ignore[misc]
    grader.database.heartbeats.STALLED_S = 2.0  # type: ignore[misc]
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stopping.set)
    pool = await open_pool(url, LANES + 4)
    queue = Queue(pool)
    await queue.open()
    carrier = Carrier(Gradings(pool, queue), StandIn(judge), f"frail:{os.getpid()}", AWAY)
    queues = [queue_of(version_of(one)) for one in EXERCISES.values()]
    sweeping = asyncio.ensure_future(_sweep(queue))
    while not stopping.is_set():
        with suppress(*AWAY):
            await queue.work(GRADE, carrier.carry_out, queues=queues, lanes=LANES, stopping=stopping, grace_s=5)
    sweeping.cancel()
    await pool.close()


async def _sweep(queue: Queue) -> None:
    while True:
        with suppress(*AWAY):
            await queue.rescue()
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
