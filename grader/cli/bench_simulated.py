"""Workers that sleep instead of grading: to find how many verdicts the database and the queue can carry.

They are spread over as many processes as there are cores: one process that plays two hundred workers is a limit itself,
and is not what the database has to do with.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from grader.database.connection import Pool, open_pool
from grader.database.embedded import EmbeddedServer
from grader.database.gradings import Gradings
from grader.database.migrations import migrate
from grader.database.queue import AWAY, GRADE, Queue, queue_of
from grader.database.submissions import Submissions
from grader.database.tenants import Tenants
from grader.errors import GraderError
from grader.model.exercise import Exercise
from grader.model.service import ExerciseVersion, Made, Tenant
from grader.service.carrying import Carrier
from grader.service.operating import new_tenant
from grader.service.submitting import Sent, hand_in_of, version_of
from grader.worker.simulated import SimulatedJudging

VERDICT_S: Final = 0.15
_PER_WORKER: Final = 8  # lanes that share one loop of fetching, as the lanes of a worker do
_CONNECTIONS: Final = 16  # of a process
_READY, _VERDICT = b"r", b"."


async def verdicts_per_minute(exercise: Exercise, made: Made, count: int, lanes: Sequence[int]) -> dict[int, float]:
    """By number of lanes, how many verdicts a minute are written when each takes `VERDICT_S`; of `count` at most.

    In a database of its own. Raises GraderError when a process ends early.
    """
    found = {}
    with tempfile.TemporaryDirectory(prefix="viva-bench-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        with EmbeddedServer(Path(place) / "postgresql") as server:
            pool = await open_pool(server.url, _CONNECTIONS)
            await migrate(pool)
            tenant = new_tenant("bench", per_day=10**9, in_flight=10**9)
            await Tenants(pool).add(tenant)
            for some in lanes:
                fewer = min(count, 60 * some)
                await _queue(pool, tenant, exercise, fewer)
                found[some] = await asyncio.to_thread(_measured, server.url, exercise, made, some, fewer)
            await pool.close()
    return found


async def _queue(pool: Pool, tenant: Tenant, exercise: Exercise, count: int) -> None:
    queue = Queue(pool)
    await queue.open()
    submissions = Submissions(pool, queue)
    sent = Sent(exercise=exercise.id, name="solution.py", source=b"x = 1\n")
    for at in range(0, count, 100):
        some = [hand_in_of(sent, exercise, tenant, urgent=False) for _ in range(min(100, count - at))]
        await submissions.put(tenant, some)


def _measured(url: str, exercise: Exercise, made: Made, lanes: int, count: int) -> float:
    """Verdicts a minute, from the moment at which all processes begin to the last verdict."""
    order = {"url": url, "of": asdict(version_of(exercise)), "made": asdict(made)}
    with _players([{**order, "lanes": share} for share in _shares(lanes, os.cpu_count() or 1)]) as players:
        for player in players:
            _told(player, b"\n")
        started = time.perf_counter()
        _await_verdicts(players, count)
        return 60 * count / (time.perf_counter() - started)


def _shares(lanes: int, cores: int) -> list[int]:
    """How many lanes each process plays; a process has the lanes of one worker at least."""
    processes = max(1, min(cores, lanes // _PER_WORKER))
    return [lanes // processes + (number < lanes % processes) for number in range(processes)]


@contextmanager
def _players(orders: Sequence[dict[str, Any]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A process for each order, all of them ready to begin; they end with the block."""
    command = [sys.executable, "-c", "from grader.cli.bench_simulated import play; play()"]
    players = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in orders]
    try:
        for player, order in zip(players, orders, strict=True):
            _told(player, json.dumps(order).encode() + b"\n")
        for player in players:
            assert player.stdout is not None
            if player.stdout.read(1) != _READY:
                raise _ended()
        yield players
    finally:
        for player in players:
            player.kill()
            player.communicate()


def _told(player: subprocess.Popen[bytes], words: bytes) -> None:
    assert player.stdin is not None
    player.stdin.write(words)
    player.stdin.flush()


def _await_verdicts(players: Sequence[subprocess.Popen[bytes]], count: int) -> None:
    """Return when so many verdicts were written; each process says each of its own."""
    with selectors.DefaultSelector() as selector:
        for player in players:
            assert player.stdout is not None
            selector.register(player.stdout, selectors.EVENT_READ)
        while count > 0:
            for key, _ in selector.select():
                heard = os.read(key.fd, 4096)
                if not heard:
                    raise _ended()
                count -= len(heard)


def _ended() -> GraderError:
    return GraderError("a process of simulated workers ended early")


def play() -> None:
    """The life of one process: read an order, say when it may begin, and a byte for each verdict that was written."""
    order = json.loads(sys.stdin.buffer.readline())
    asyncio.run(_work(order["url"], ExerciseVersion(**order["of"]), Made(**order["made"]), order["lanes"]))


async def _work(url: str, of: ExerciseVersion, made: Made, lanes: int) -> None:
    pool = await open_pool(url, _CONNECTIONS)
    queue = Queue(pool)
    await queue.open()

    class Telling(Gradings):
        async def finish(self, claim: Any, verdict: Made) -> bool:
            written = await super().finish(claim, verdict)
            if written:
                os.write(sys.stdout.fileno(), _VERDICT)
            return written

    carrier = Carrier(Telling(pool, queue), SimulatedJudging(VERDICT_S, made), "simulated", AWAY)
    os.write(sys.stdout.fileno(), _READY)
    await asyncio.to_thread(sys.stdin.buffer.readline)
    never = asyncio.Event()  # it is ended from outside
    workers = [min(_PER_WORKER, lanes - at) for at in range(0, lanes, _PER_WORKER)]
    await asyncio.gather(
        *(
            queue.work(GRADE, carrier.carry_out, queues=[queue_of(of)], lanes=some, stopping=never, grace_s=5)
            for some in workers
        )
    )
