"""`viva worker`: one process with an engine and so many lanes, from its start to the last verdict that it owes."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from grader import wiring
from grader.box.installed import lacking, require
from grader.database.connection import Pool, open_pool
from grader.database.gradings import Gradings
from grader.database.migrations import is_current
from grader.database.packs import Packs
from grader.database.queue import AWAY, GRADE, Queue
from grader.database.standing import Standing
from grader.errors import StoreError, UsageError
from grader.guest.environments import known
from grader.guest.placement import CPU
from grader.model.exercise import Exercise
from grader.model.service import StoredSuite
from grader.model.version import own_version
from grader.service.carrying import Carrier
from grader.service.packs import Shelf
from grader.service.tracing import open_traces
from grader.worker.judging import EngineJudging
from grader.worker.suites import Suites

GRACE_S: Final = 30.0
_SWEEP_EVERY_S: Final = 5.0
_LOOK_EVERY_S: Final = 2.0  # for packs
_INSTALLED_EVERY: Final = 12  # signs of life to one that says what is installed
_PAUSE_S: Final = 1.0
_log = logging.getLogger("viva.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOrder:
    """What a worker is asked for; without exercises or environments it takes whatever it has a suite for."""

    url: str
    lanes: int
    exercises: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    packs: tuple[Path, ...] = ()
    device: str = CPU
    gpu_lanes: int = 1


@cache
def worker_name() -> str:
    """The name of this process among all workers: containers may share a host name, and each has a process 1."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


async def work(order: WorkerOrder, stopping: asyncio.Event) -> None:
    """Work until `stopping`. Raises StoreError or UsageError where it cannot begin, UnfitError if it cannot judge."""
    own = _own_exercises(order)
    if order.device != CPU:
        wiring.require_gpu()
    pool = await open_pool(order.url, order.lanes + 4)
    try:
        if not await is_current(pool):
            raise StoreError(
                "the database has another schema than this program; start `viva serve` of the same version first",
                "数据库的结构版本与本程序不同；请先启动同一版本的 `viva serve`",
            )
        packs = Packs(pool)
        shelf = Shelf(packs, wiring.open_pack_cache())
        suites = Suites(own, shelf, partial(_is_wanted, order), order.device)
        suites.know(await packs.suites())
        _require_some(order, suites)
        with wiring.own_engine("strict", warm=True, gpu_lanes=order.gpu_lanes) as engine:
            judging = EngineJudging(engine, suites, order.lanes, _probe(own))
            await asyncio.to_thread(judging.require_fit)
            looking = asyncio.ensure_future(_look_for_packs(packs, suites))
            try:
                await _work(pool, judging, suites, order, stopping)
            finally:
                looking.cancel()
                judging.close()
                shelf.close()
    finally:
        await pool.close()


def _own_exercises(order: WorkerOrder) -> dict[str, Exercise]:
    """What is installed here, asked for and can be graded, by slug; the first pack that has one wins.

    What needs a package that is not here is left to other workers. Raises PackageError where it was asked for by name,
    or nothing else is left.
    """
    found: dict[str, Exercise] = {}
    for pack in wiring.open_packs(order.packs):
        for exercise in pack.exercises():
            found.setdefault(exercise.id, exercise)
    wanted = {
        slug: one
        for slug, one in found.items()
        if one.status == "active" and _is_asked_for(order, slug, one.environment)
    }
    lacks = lacking({one.environment for one in wanted.values()})
    here = {slug: one for slug, one in wanted.items() if one.environment not in lacks}
    for one in wanted.values():
        is_named = one.id in order.exercises or one.environment in order.environments
        if one.environment in lacks and (is_named or not here):
            require(one.environment)
    if lacks:
        _log.warning(
            "%d exercises are left to other workers: %s is not installed here",
            len(wanted) - len(here),
            " and ".join(sorted(set(lacks.values()))),
        )
    return here


def _probe(own: Mapping[str, Exercise]) -> Exercise | None:
    """The exercise by which the machine is tried: one that needs little, so that a trial takes less than a second."""
    return min(own.values(), key=lambda one: (one.environment != "numpy", one.id), default=None)


def _is_asked_for(order: WorkerOrder, slug: str, environment: str) -> bool:
    return (not order.exercises or slug in order.exercises) and (
        not order.environments or environment in order.environments
    )


def _is_wanted(order: WorkerOrder, suite: StoredSuite) -> bool:
    """Whether this worker is asked to take it, and has what it needs."""
    is_asked_for = _is_asked_for(order, suite.of.exercise, suite.environment)
    return is_asked_for and suite.environment in known() and not lacking([suite.environment])


def _require_some(order: WorkerOrder, suites: Suites) -> None:
    """Raise UsageError where an exercise that was named is nowhere, or none is left."""
    unknown = set(order.exercises) - suites.slugs
    if unknown:
        raise UsageError(
            f"there is no exercise {min(unknown)!r} here; `viva list --kind exercise` names them all",
            f"这里没有练习 {min(unknown)!r}；`viva list --kind exercise` 会列出全部",
        )
    if not suites.slugs:
        raise UsageError(
            "no exercise is left for this worker; ask for fewer restrictions with --exercise and --environment",
            "没有可供该工作进程处理的练习；请放宽 --exercise 与 --environment",
        )


async def _look_for_packs(packs: Packs, suites: Suites) -> None:
    """Every few seconds, take note of what an operator added or retired."""
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        with suppress(*AWAY):
            suites.know(await packs.suites())


async def _work(
    pool: Pool, judging: EngineJudging, suites: Suites, order: WorkerOrder, stopping: asyncio.Event
) -> None:
    queue = Queue(pool)
    await queue.open()
    gradings = Gradings(pool, queue)
    traces = open_traces("viva-worker")
    carrier = Carrier(gradings, judging, worker_name(), AWAY, traces, stopping.set)
    standing = Standing(pool)
    alive = asyncio.ensure_future(_sign_of_life(standing, Packs(pool), order, suites))
    sweeping = asyncio.ensure_future(_sweep(queue, gradings))
    _log.info("worker ready", extra={"lanes": order.lanes, "exercises": len(suites.slugs)})
    try:
        while not stopping.is_set():
            try:
                await queue.work(
                    GRADE,
                    carrier.carry_out,
                    queues=suites.queues,
                    lanes=order.lanes,
                    stopping=stopping,
                    grace_s=GRACE_S,
                )
            except Exception as error:  # noqa: BLE001 - whatever the library raises when its database goes away
                _log.warning("taking from the queue ended (%s: %s); it begins again", type(error).__name__, error)
            await _pause(stopping)
    finally:
        sweeping.cancel()
        alive.cancel()
        with suppress(*AWAY):
            await standing.gone(worker_name())
        traces.close()
        _log.info("worker ended", extra={"verdicts": carrier.tally.verdicts, "late": carrier.tally.late})
    if carrier.unfit is not None:
        raise carrier.unfit


async def _sign_of_life(standing: Standing, packs: Packs, order: WorkerOrder, suites: Suites) -> None:
    beat = 0
    while True:
        with suppress(*AWAY):
            if beat % _INSTALLED_EVERY == 0:
                await packs.installed(suites.installed)
            beat += 1
            lanes, takes = order.lanes, suites.queues
            await standing.seen(worker_name(), lanes, len(suites.slugs), own_version(), order.device, takes)
        await asyncio.sleep(_SWEEP_EVERY_S)


async def _sweep(queue: Queue, gradings: Gradings) -> None:
    """Every few seconds, put back what a worker that is gone had taken."""
    while True:
        with suppress(*AWAY):
            rescued = await queue.rescue() + await gradings.sweep()
            if rescued:
                _log.warning("put back %d jobs of workers that are gone", rescued)
        await asyncio.sleep(_SWEEP_EVERY_S)


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), _PAUSE_S)
