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
_RESCUE: Final = "rescue"
_EVERY_TWO_SECONDS: Final = "* * * * * */2"
_LANES_A_LOOP: Final = 16
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

    queued = """
        SELECT (args->>'work')::bigint AS work FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing') AND task_name = 'grade'
    """

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
            conninfo=url, min_size=1, max_size=3, kwargs={"options": _HASTY}, timeout=5
        )
        app = self._library.App(connector=connector)

        @app.task(name=QUEUE, retry=False)
        async def run(work: int) -> None:
            await carry(work)

        @app.periodic(cron=_EVERY_TWO_SECONDS)
        @app.task(name=_RESCUE, queue=_RESCUE, queueing_lock=_RESCUE, priority=1000)
        async def rescue(timestamp: int) -> None:
            del timestamp
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=GONE_S):
                with suppress(self._library.exceptions.ConnectorException):  # it ended meanwhile
                    await app.job_manager.retry_job(job)

        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE, _RESCUE],
                concurrency=lanes,
                fetch_job_polling_interval=LOOK_S,
                update_heartbeat_interval=BEAT_S,
                stalled_worker_timeout=GONE_S,
                delete_jobs="successful",
                install_signal_handlers=False,
            )


class ProcrastinateInLoops(Procrastinate):
    """The same with a loop of fetching for every sixteen lanes, as several workers in one process."""

    async def work(self, url: str, carry: Carry, lanes: int) -> None:
        some = [min(_LANES_A_LOOP, lanes - at) for at in range(0, lanes, _LANES_A_LOOP)]
        await asyncio.gather(*(super(ProcrastinateInLoops, self).work(url, carry, each) for each in some))


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


CONTESTANTS: Final = {
    "procrastinate": Procrastinate,
    "procrastinate-loops": ProcrastinateInLoops,
    "pgqueuer": PgQueuer,
    "pgqueuer-psycopg": PgQueuerOnPsycopg,
}
