"""The libraries under test, each behind four calls; set up as its documentation says for such work.

Equal in effect: a sign of life at least every `BEAT_S`, a worker counts as gone `GONE_S` after its last one, both look
once in `LOOK_S` where no notice came, both may forget in a crash of PostgreSQL what the library itself notes of a job
(`synchronous_commit=off`, for fencing bears it), and both begin again where their connection was lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict

from grader.database.connection import Connection
from tests.chaos.queues.task import Carry

BEAT_S: Final = 2.0
GONE_S: Final = 4.0
LOOK_S: Final = 1.0
QUEUE: Final = "grade"
_RESCUER: Final = 0x72657363
_HASTY: Final = "-c synchronous_commit=off"


class Contestant(Protocol):
    """A queue library."""

    queued: str
    """A query of the works of which it still holds a job."""

    async def install(self, url: str) -> None:
        """Make its tables."""

    async def put(self, connection: Connection, works: Sequence[int], priority: int) -> None:
        """Put jobs in within the transaction of `connection`."""

    async def work(self, url: str, carry: Carry, lanes: int) -> None:
        """Carry out jobs, `lanes` at a time, until the connection is lost."""

    async def close(self) -> None:
        """Let go of what `install` opened."""


class Procrastinate:
    """Its worker, and its documented task that puts back the jobs of stalled workers."""

    queued = "SELECT (args->>'work')::bigint AS work FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"

    def __init__(self) -> None:
        import procrastinate

        self._library = procrastinate
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        self._putting: Any = None

    async def install(self, url: str) -> None:
        async with self._library.App(connector=self._library.PsycopgConnector(conninfo=url)).open_async() as app:
            await app.schema_manager.apply_schema_async()
        self._putting = self._library.App(connector=self._library.PsycopgConnector(conninfo=url))
        await self._putting.open_async()

    async def close(self) -> None:
        await self._putting.close_async()

    async def put(self, connection: Connection, works: Sequence[int], priority: int) -> None:
        jobs = [
            self._library.jobs.Job(
                id=None,
                queue=QUEUE,
                lock=None,
                queueing_lock=None,
                task_name=QUEUE,
                priority=priority,
                task_kwargs={"work": number},
            )
            for number in works
        ]
        await self._putting.job_manager.batch_defer_jobs_async(jobs, connection)

    async def work(self, url: str, carry: Carry, lanes: int) -> None:
        connector = self._library.PsycopgConnector(
            conninfo=url, min_size=2, max_size=4, kwargs={"options": _HASTY}, timeout=5
        )
        app = self._library.App(connector=connector)

        @app.task(name=QUEUE, retry=False)
        async def run(work: int) -> None:
            await carry(work)

        async with app.open_async():
            rescuing = asyncio.ensure_future(self._rescue(app, url))
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=lanes,
                    fetch_job_polling_interval=LOOK_S,
                    update_heartbeat_interval=BEAT_S,
                    stalled_worker_timeout=GONE_S,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )
            finally:
                rescuing.cancel()

    async def _rescue(self, app: Any, url: str) -> None:
        """One worker at a time, as the documented task with its queueing lock; two would undo each other's work."""
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(psycopg.Error, self._library.exceptions.ConnectorException):
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as lock:
                    await lock.execute("SELECT pg_advisory_lock(%s)", (_RESCUER,))
                    while True:
                        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=GONE_S):
                            await app.job_manager.retry_job(job)
                        await asyncio.sleep(LOOK_S)


class PgQueuer:
    """Its queue manager on one asyncpg connection, as its guide to performance recommends for those who take jobs."""

    queued = "SELECT convert_from(payload, 'UTF8')::bigint AS work FROM pgqueuer WHERE status IN ('queued', 'picked')"

    def __init__(self) -> None:
        import pgqueuer

        self._library = pgqueuer
        logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)

    async def install(self, url: str) -> None:
        from pgqueuer.queries import Queries

        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            queries = Queries.from_psycopg_connection(connection)
            await queries.install()
            await queries.optimize_autovacuum()

    async def close(self) -> None:
        """Nothing was left open."""

    async def put(self, connection: Connection, works: Sequence[int], priority: int) -> None:
        from pgqueuer.queries import Queries

        count = len(works)
        payloads: list[bytes | None] = [str(number).encode() for number in works]
        await Queries.from_psycopg_connection(connection).enqueue([QUEUE] * count, payloads, [priority] * count)

    async def work(self, url: str, carry: Carry, lanes: int) -> None:
        import asyncpg

        where = conninfo_to_dict(url)
        connection = await asyncpg.connect(
            host=where["host"],
            user=where["user"],
            database=where["dbname"],
            server_settings={"synchronous_commit": "off"},
            timeout=5,
        )
        try:
            await self._run(self._library.PgQueuer.from_asyncpg_connection(connection), carry, lanes)
        finally:
            connection.terminate()

    async def _run(self, app: Any, carry: Carry, lanes: int) -> None:
        # It cannot be told to have a single lane but by a limit for the whole fleet.
        @app.entrypoint(QUEUE, concurrency_limit=int(lanes == 1))
        async def run(job: Any) -> None:
            await carry(int(job.payload))

        await app.run(
            dequeue_timeout=timedelta(seconds=LOOK_S),
            batch_size=max(1, min(10, lanes // 4)),
            max_concurrent_tasks=max(2, lanes),
            heartbeat_timeout=timedelta(seconds=GONE_S),
            shutdown_on_listener_failure=True,
        )


class PgQueuerOnPsycopg(PgQueuer):
    """The same on the driver that the product has anyway."""

    async def work(self, url: str, carry: Carry, lanes: int) -> None:
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True, options=_HASTY)
        async with connection:
            await self._run(self._library.PgQueuer.from_psycopg_connection(connection), carry, lanes)


CONTESTANTS: Final = {"procrastinate": Procrastinate, "pgqueuer": PgQueuer, "pgqueuer-psycopg": PgQueuerOnPsycopg}
