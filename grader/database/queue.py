"""The queue of jobs: Procrastinate, in the service's own database. Nothing else imports it.

A job is put in with the connection of the transaction that needs it done, so either both are there or neither. Which
library, and what was measured: docs/decisions/service.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import procrastinate
import psycopg
from procrastinate import exceptions
from procrastinate.connector import BaseConnector
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from psycopg_pool import PoolClosed, PoolTimeout

from grader.database.connection import Connection, Pool, as_service, open_pool
from grader.database.heartbeats import HEARTBEAT_S, Heartbeats
from grader.model.service import ExerciseVersion

GRADE: Final = "grade"
DELIVER: Final = "deliver"
DELIVERIES: Final = "deliveries"
POLL_S: Final = 0.5  # where a notification was missed, as when the database was started again
AWAY: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    PoolClosed,
    OSError,
    exceptions.ConnectorException,
)
"""What is raised when the database cannot be reached, by us or by the queue."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)  # at once, whatever anybody's clock says
_NEVER_S: Final = 1e9  # by its clock the library neither forgets a worker nor cancels a job; that is seen to here
_PUT_BACK: Final = """
    UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = %s WHERE id IN (
        SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL FOR UPDATE SKIP LOCKED
    )
"""
_SUITE_DIGITS: Final = 26  # of a suite's digest: PostgreSQL's channels, which are named after queues, have 63 letters
_CONNECTIONS: Final = 2  # for each who takes from the queue, beside the one that listens
_KEPT_H: Final = 1  # how long a job that failed stays to be looked at
TAKING: Final = {
    # What the library notes of a job may be forgotten in a crash: one that was never taken is taken again, one that
    # never ended finds its work done. Claims and verdicts are written through the other pool.
    "synchronous_commit": "off",
    # After a burst the planner believes for a while that the queue is nearly empty, and would read and sort all of it
    # for each job that is taken: 8.6 ms with 6,000 waiting. There is an index in the right order.
    "enable_sort": "off",
}
"""Settings of the connections by which jobs are taken."""
FreeLane = Callable[[], None]
Carry = Callable[[UUID, bool, FreeLane], Awaitable[None]]
"""Carries out what a job is about; told whether an earlier worker took it and was lost.

It may say before its end that its lane is free: then the next job is taken beside its last steps.
"""

logging.getLogger("procrastinate").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job to be put in: what it is about, where it waits and how soon its turn comes (larger is sooner)."""

    task: str
    subject: UUID
    queue: str
    priority: int = 0
    wait_s: float = 0.0


def is_full(error: BaseException | None) -> bool:
    """Whether it was raised because the database has no room on its disk."""
    while error is not None:
        if isinstance(error, psycopg.errors.DiskFull):
            return True
        error = error.__cause__
    return False


def queue_of(one: ExerciseVersion, device: str = "cpu", *, modules: bool = False) -> str:
    """Where gradings by one suite wait: only workers that can get that suite, and have the device, take from it.

    What has `modules` waits apart, because workers of programs of before would leave them out.
    """
    place = one.suite.removeprefix("sha256:")[:_SUITE_DIGITS] if one.suite else f"{one.exercise}:{one.version}"
    return ":".join(["grade", place, *([] if device == "cpu" else [device]), *(["modules"] if modules else [])])


class Queue:
    """Puts jobs in, and carries them out."""

    def __init__(self, pool: Pool, heartbeats: Heartbeats | None = None) -> None:
        self._pool = pool
        self._heartbeats = heartbeats or Heartbeats()
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def open(self) -> None:
        """Use the pool; must be called before anything else."""
        await self._app.open_async(self._pool)

    async def put(self, connection: Connection, orders: Sequence[Order]) -> list[int]:
        """Put jobs in within the transaction of `connection`; their numbers."""
        if not orders:
            return []
        now = await _now(connection) if any(order.wait_s for order in orders) else _LONG_AGO
        jobs = await self._app.job_manager.batch_defer_jobs_async([_job(order, now) for order in orders], connection)
        return [int(job.id) for job in jobs if job.id is not None]

    async def work(
        self, task: str, carry: Carry, *, queues: Sequence[str], lanes: int, stopping: asyncio.Event, grace_s: float
    ) -> None:
        """Carry out jobs of `queues`, `lanes` at a time, until `stopping`; what runs `grace_s` later is cancelled.

        `queues` is read anew at each fetch: who changes the list changes what is taken. Of a queue that joins it later
        no notices come, so its jobs are found by looking, twice a second. As many again may be at what `carry` does
        when it has let go of its lane.

        Returns when it stopped, for whatever reason: the caller asks again unless it is to end. Where the library ends
        because the database is away, what runs is not cancelled for that, and its workers go on giving signs of life.
        """
        pool = await open_pool(str(self._pool.conninfo), _CONNECTIONS, TAKING)
        try:
            await self._work(pool, task, carry, queues=queues, lanes=lanes, stopping=stopping, grace_s=grace_s)
        finally:
            await pool.close()

    async def _work(
        self,
        pool: Pool,
        task: str,
        carry: Carry,
        *,
        queues: Sequence[str],
        lanes: int,
        stopping: asyncio.Event,
        grace_s: float,
    ) -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        await app.open_async(pool)
        taken = app.job_manager = _Lanes(app.connector, lanes, stopping)
        running: dict[asyncio.Task[Any] | None, int | None] = {}

        @app.task(name=task, retry=False, pass_context=True)
        async def run(context: JobContext, subject: str) -> None:
            this = asyncio.current_task()
            running[this] = context.job.worker_id
            try:
                with taken.one() as free:
                    await carry(UUID(subject), context.job.attempts > 0, free)
            finally:
                del running[this]

        working = asyncio.ensure_future(
            app.run_worker_async(
                queues=queues,
                concurrency=2 * lanes,
                wait=True,
                fetch_job_polling_interval=POLL_S,
                shutdown_graceful_timeout=_NEVER_S,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=_NEVER_S,
            )
        )
        told = asyncio.ensure_future(stopping.wait())
        beating = asyncio.ensure_future(self._beat(running))
        await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working}, timeout=grace_s)
            for job in running:
                if job is not None:
                    job.cancel()
        try:
            await working
        except asyncio.CancelledError:
            if not working.cancelled():
                raise
        finally:
            beating.cancel()

    async def _beat(self, running: Mapping[Any, int | None]) -> None:
        """Signs of life for what runs: the library gives none any more from when it begins to end."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            for worker in {one for one in running.values() if one is not None}:
                with suppress(*AWAY):
                    await self._app.job_manager.update_heartbeat(worker)

    async def rescue(self) -> int:
        """Put jobs back whose worker has given no sign of life; how many."""
        # Found and put back at once: the library's two steps would take back what another put back between them, and
        # a worker has taken since.
        async with as_service(self._pool) as connection:
            await self._heartbeats.bury(connection)
            cursor = await connection.execute(_PUT_BACK, (_LONG_AGO,))
        await self._app.job_manager.delete_old_jobs(
            nb_hours=_KEPT_H, include_failed=True, include_cancelled=True, include_aborted=True
        )
        return cursor.rowcount


class _Lanes(JobManager):
    """Takes a job only where a lane is free for it."""

    def __init__(self, connector: BaseConnector, lanes: int, stopping: asyncio.Event) -> None:
        super().__init__(connector)
        self._free = asyncio.Semaphore(lanes)
        self._stopping = stopping

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """A job, and with it a lane; None where there is no job, or none is wanted any more."""
        if not await self._lane():
            return None
        job = None
        try:
            job = await super().fetch_job(queues, worker_id)
        finally:
            if job is None:
                self._free.release()
        return job

    async def _lane(self) -> bool:
        waiting = asyncio.ensure_future(self._free.acquire())
        told = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({waiting, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not self._stopping.is_set():
            return True
        if not waiting.cancel():
            self._free.release()
        return False

    @contextmanager
    def one(self) -> Iterator[FreeLane]:
        """The lane of a job that was fetched; it is free when its user says so, and at the end."""
        is_free = False

        def free() -> None:
            nonlocal is_free
            if not is_free:
                is_free = True
                self._free.release()

        try:
            yield free
        finally:
            free()


async def _now(connection: Connection) -> datetime:
    """The database's time: what is to wait does so by the clock that says when the wait is over."""
    row = await (await connection.execute("SELECT now() AS now")).fetchone()
    assert row is not None, "a clock always answers"
    found: datetime = row["now"]
    return found


def _job(order: Order, now: datetime) -> Job:
    at = now + timedelta(seconds=order.wait_s) if order.wait_s else None
    arguments: dict[str, Any] = {"subject": str(order.subject)}
    return Job(
        id=None,
        queue=order.queue,
        lock=None,
        queueing_lock=None,
        task_name=order.task,
        priority=order.priority,
        task_kwargs=arguments,
        scheduled_at=at,
    )
