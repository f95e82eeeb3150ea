"""A database for one scenario and the worker processes on it, and how they are killed, frozen and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, LiteralString

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from grader.database.connection import Pool, open_pool
from grader.database.embedded import EmbeddedServer
from grader.database.queue import AWAY
from grader.engine.processor import seconds_of_tree
from grader.errors import StoreError
from tests.chaos.queues import task
from tests.chaos.queues.accounting import Account, account
from tests.chaos.queues.contestants import CONTESTANTS, GONE_S

ROOT: Final = Path(__file__).parents[3]
PATIENCE_S: Final = 5 * GONE_S  # nothing done for so long: it is over
_TOGETHER: Final = 50  # rows and jobs of one transaction


@dataclass
class Worker:
    """One process."""

    name: str
    process: subprocess.Popen[str]

    async def begin(self) -> None:
        """Let it take jobs, once it has connections."""
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        line = await asyncio.to_thread(self.process.stdout.readline)
        if line != "ready\n":
            raise SystemExit(f"a worker did not start; it said {line!r}")
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    @property
    def cpu_s(self) -> float:
        """Its processor time so far."""
        return seconds_of_tree(self.process.pid)


@dataclass
class Fleet:
    """A library, its database and its workers."""

    library: str
    url: str
    pool: Pool
    server: EmbeddedServer
    log: Any
    workers: list[Worker] = field(default_factory=list)
    deaths: dict[str, float] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    started: int = 0

    def __post_init__(self) -> None:
        self.contestant = CONTESTANTS[self.library]()

    async def put(self, numbers: Sequence[int], verdict_ms: Sequence[int], priority: int = 0) -> None:
        """Rows and their jobs, so many in a transaction; those that were confirmed are noted."""
        for at in range(0, len(numbers), _TOGETHER):
            some = numbers[at : at + _TOGETHER]
            async with self.pool.connection() as connection, connection.transaction():
                await task.insert(connection, some, verdict_ms[at : at + _TOGETHER])
                await self.contestant.put(connection, some, priority)
            self.acknowledged.update(some)

    def start(self, lanes: int) -> Worker:
        """One more worker; it waits for `begin`."""
        self.started += 1
        name = f"worker-{self.started}"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.queues.worker", self.library, self.url, str(lanes), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.workers.append(Worker(name, process))
        return self.workers[-1]

    async def start_all(self, count: int, lanes: int) -> None:
        """So many workers, which begin together."""
        some = [self.start(lanes) for _ in range(count)]
        for one in some:
            await one.begin()

    def kill(self, worker: Worker) -> None:
        """SIGKILL, and note when."""
        worker.process.send_signal(signal.SIGKILL)
        self.deaths[worker.name] = time.time()
        worker.process.wait()
        self.workers.remove(worker)

    def kill_database(self) -> None:
        """SIGKILL of PostgreSQL's first process; start it again when the others have followed it."""
        postmaster = psutil.Process(self.postmaster)
        family = postmaster.children(recursive=True)
        postmaster.kill()
        psutil.wait_procs([postmaster, *family], timeout=30)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.server.start()
                return
            except StoreError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    @property
    def postmaster(self) -> int:
        """PostgreSQL's first process."""
        return int((Path(str(self.server._folder)) / "postmaster.pid").read_text("utf-8").split()[0])

    @property
    def database_cpu_s(self) -> float:
        """Processor time of PostgreSQL so far."""
        return seconds_of_tree(self.postmaster)

    @property
    def workers_cpu_s(self) -> float:
        """Processor time of those that live."""
        return sum(one.cpu_s for one in self.workers)

    async def ask(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows; a database that is away is waited for."""
        while True:
            try:
                async with self.pool.connection() as connection:
                    return await (await connection.execute(statement, values)).fetchall()
            except AWAY:
                await asyncio.sleep(0.2)

    async def tell(self, statement: LiteralString) -> None:
        """Change rows, all at once."""
        async with self.pool.connection() as connection:
            await connection.execute(statement)

    async def until(self, statement: str, *values: object, timeout_s: float = 60) -> bool:
        """Whether a statement came to answer with rows in time."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if await self.ask(statement, *values):
                return True
            await asyncio.sleep(0.02)
        return False

    async def settled(self, at_most_s: float = 180) -> None:
        """Wait until everything is done, or nothing was for a long while."""
        deadline, last, moved = time.monotonic() + at_most_s, -1, time.monotonic()
        while time.monotonic() < deadline:
            rows = await self.ask("SELECT count(*) FILTER (WHERE state <> 'done') AS left, count(*) AS all FROM works")
            if not rows[0]["left"]:
                return
            if rows[0]["left"] != last:
                last, moved = rows[0]["left"], time.monotonic()
            if time.monotonic() - moved > PATIENCE_S:
                return
            await asyncio.sleep(0.1)

    async def account(self) -> Account:
        """What became of everything."""
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            works, executions = await task.works(connection), await task.executions(connection)
            rows = await (await connection.execute(self.contestant.queued)).fetchall()
        return account(
            works, executions, queued={row["work"] for row in rows}, acknowledged=self.acknowledged, deaths=self.deaths
        )


@asynccontextmanager
async def fleet(library: str, server: EmbeddedServer, name: str, log: Any) -> AsyncIterator[Fleet]:
    """A fresh database with the library's tables, and no worker yet."""
    name = name.replace("-", "_")
    async with await psycopg.AsyncConnection.connect(server.url, autocommit=True) as connection:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
        info = connection.info
        url = make_conninfo(host=info.host, user=info.user, dbname=name)
    pool = await open_pool(url, 4)
    made = Fleet(library=library, url=url, pool=pool, server=server, log=log)
    try:
        await made.contestant.install(url)
        async with pool.connection() as connection:
            await connection.execute(task.TABLES)
        yield made
    finally:
        for one in made.workers:
            one.process.kill()
            one.process.wait()
        with suppress(Exception):
            await made.contestant.close()
        await pool.close()
