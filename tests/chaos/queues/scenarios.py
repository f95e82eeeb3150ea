"""The scenarios (a) to (f): each the same work, the same kills and the same waits for whichever library it is given."""

from __future__ import annotations

import asyncio
import random
import signal
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from grader.database.queue import AWAY
from tests.chaos.queues.accounting import Account
from tests.chaos.queues.contestants import GONE_S
from tests.chaos.queues.fleet import Fleet
from tests.chaos.queues.task import verdict_times

SEED: Final = 20261130
QUIET: Final = {1: (1, 1, 60), 8: (2, 4, 400), 32: (2, 16, 1500), 200: (4, 50, 3000)}
"""By lanes altogether: processes, lanes of each, works."""
_DONE = "SELECT FROM works HAVING count(*) FILTER (WHERE state = 'done') >= %s"


@dataclass(kw_only=True)
class Outcome:
    """An account, and what else a scenario measured."""

    account: Account
    figures: dict[str, float] = field(default_factory=dict)


Scenario = Callable[[Fleet, float], Awaitable[Outcome]]


def _quiet(lanes: int) -> Scenario:
    processes, each, works = QUIET[lanes]

    async def run(fleet: Fleet, share: float) -> Outcome:
        """Nothing is disturbed: jobs a minute, and whose processor time they take."""
        count = max(20, round(works * share))
        await _put(fleet, count)
        await fleet.start_all(processes, each)
        database, workers = fleet.database_cpu_s, fleet.workers_cpu_s
        await fleet.settled()
        spent = {
            "PostgreSQL, ms a job": 1000 * (fleet.database_cpu_s - database) / count,
            "worker, ms a job": 1000 * (fleet.workers_cpu_s - workers) / count,
        }
        found = await fleet.account()
        return Outcome(account=found, figures={"a minute": found.per_min, **spent})

    return run


async def _workers_killed(fleet: Fleet, share: float) -> Outcome:
    """SIGKILL of one of two workers every two to four seconds; another takes its place at once."""
    count, rng = round(2500 * share), random.Random(SEED)
    await _put(fleet, count)
    await fleet.start_all(2, 8)
    while not await fleet.until(_DONE, count * 9 // 10, timeout_s=rng.uniform(2, 4)):
        fleet.kill(rng.choice(fleet.workers))
        await fleet.start(8).begin()
    last = time.time()
    await fleet.settled()
    return Outcome(
        account=await fleet.account(), figures={"kills": len(fleet.deaths), "until settled, s": time.time() - last}
    )


async def _database_killed(fleet: Fleet, share: float) -> Outcome:
    """SIGKILL of PostgreSQL, twice, while works are put in and carried out."""
    count = round(1500 * share)
    await fleet.start_all(2, 8)
    putting = asyncio.ensure_future(_trickle(fleet, count))
    waits = []
    for place in (1, 2):
        await fleet.until(_DONE, place * count // 4)
        await asyncio.to_thread(fleet.kill_database)
        up = time.time()
        if await fleet.until("SELECT FROM executions WHERE extract(epoch FROM begun) > %s", up):
            waits.append(time.time() - up)
    await putting
    await fleet.settled()
    return Outcome(account=await fleet.account(), figures={"from up to the next begun, s": max(waits, default=999.0)})


async def _trickle(fleet: Fleet, count: int) -> None:
    """Five works in a transaction, over and over; one that was not confirmed is let go."""
    for at in range(0, count, 5):
        numbers = list(range(at, min(at + 5, count)))
        with suppress(*AWAY):
            await fleet.put(numbers, verdict_times(numbers, SEED))
        await asyncio.sleep(0.03)


async def _frozen(fleet: Fleet, share: float) -> Outcome:
    """SIGSTOP of a worker until its jobs have gone elsewhere and longer, twice."""
    count = round(2500 * share)
    await _put(fleet, count)
    await fleet.start_all(2, 8)
    for place, victim in enumerate(list(fleet.workers)):
        await fleet.until(_DONE, count * (1 + place) // 10)
        victim.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * GONE_S)
        victim.process.send_signal(signal.SIGCONT)
    await fleet.settled()
    return Outcome(account=await fleet.account())


async def _woken_then_killed(fleet: Fleet, share: float) -> Outcome:
    """Who wakes up too late ends its jobs; then who carries them out now is killed, and the first lives on."""
    del share
    lanes = 4
    await fleet.put(list(range(lanes)), [5000] * lanes)
    first = fleet.start(lanes)
    await first.begin()
    await fleet.until("SELECT FROM executions HAVING count(*) = %s", lanes)
    first.process.send_signal(signal.SIGSTOP)
    await fleet.tell("UPDATE works SET verdict_ms = 120000")  # whatever the machine is at, the second is not done first
    second = fleet.start(lanes)
    await second.begin()
    await fleet.until("SELECT FROM executions WHERE attempt = 2 HAVING count(*) = %s", lanes)
    first.process.send_signal(signal.SIGCONT)
    await fleet.until("SELECT FROM executions WHERE attempt = 1 AND ended IS NOT NULL HAVING count(*) = %s", lanes)
    await asyncio.sleep(1.0)  # for what the library notes of it, which nothing tells
    fleet.kill(second)
    await fleet.tell("UPDATE works SET verdict_ms = 100")
    await fleet.settled()
    return Outcome(account=await fleet.account())


async def _urgent(fleet: Fleet, share: float) -> Outcome:
    """Ten thousand wait; five urgent ones come, one after the other."""
    count = round(10_000 * share)
    await _put(fleet, count)
    await fleet.start_all(2, 16)
    await fleet.until(_DONE, 20)
    database, started = fleet.database_cpu_s, time.time()
    before = len(await fleet.ask("SELECT FROM works WHERE state = 'done'"))
    waits = []
    for number in range(count, count + 5):
        await fleet.put([number], [50], priority=100)
        put = time.time()
        await fleet.until("SELECT FROM executions WHERE work = %s", number, timeout_s=90)
        row = await fleet.ask(
            "SELECT extract(epoch FROM begun)::float8 AS begun FROM executions WHERE work = %s", number
        )
        waits.append(1000 * (row[0]["begun"] - put) if row else 90_000.0)
        await asyncio.sleep(1.0)
    after = len(await fleet.ask("SELECT FROM works WHERE state = 'done'"))
    figures = {
        "urgent begun, median ms": statistics.median(waits),
        "urgent begun, longest ms": max(waits),
        "a minute": 60 * (after - before) / (time.time() - started),
        "PostgreSQL, ms a job": 1000 * (fleet.database_cpu_s - database) / max(1, after - before),
    }
    found = await fleet.account()
    found.stuck = []  # what still waits does so rightly
    return Outcome(account=found, figures=figures)


async def _put(fleet: Fleet, count: int) -> None:
    numbers = list(range(count))
    await fleet.put(numbers, verdict_times(numbers, SEED))


SCENARIOS: Final[dict[str, Scenario]] = {
    **{f"quiet-{lanes}": _quiet(lanes) for lanes in QUIET},
    "workers-killed": _workers_killed,
    "database-killed": _database_killed,
    "frozen": _frozen,
    "woken-then-killed": _woken_then_killed,
    "urgent": _urgent,
}
