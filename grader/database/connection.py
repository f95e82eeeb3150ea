"""Connections to the database, and the two roles in which it is asked: the service's own, and a tenant's."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import select
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, Final, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from grader.errors import StoreError

Connection = psycopg.AsyncConnection[dict[str, Any]]
Pool = AsyncConnectionPool[Connection]

CONNECT_TIMEOUT_S: Final = 10
TENANTS_AT_ONCE: Final = 3  # so many that ask as much as they can leave connections to the others' short questions
_SHARES: Final[WeakKeyDictionary[Pool, WeakValueDictionary[UUID, asyncio.Semaphore]]] = WeakKeyDictionary()
ANSWER_S: Final = 65.0  # longer than any statement may take
CHECK_S: Final = 5.0
LINE: Final = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""What of a connection is told to the network: one whose other end is gone is given up within half a minute."""
_SETTINGS: Final = (
    "-c statement_timeout=60000 -c lock_timeout=20000 -c idle_in_transaction_session_timeout=60000 "
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
_R = TypeVar("_R")
_REASON: Final = re.compile(r"connection to server (?:at|on socket) .*", re.DOTALL)
_LONGEST_REASON: Final = 300

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it warns of every try; what is wrong is said once, below


class Patient(psycopg.AsyncConnection[dict[str, Any]]):
    """A connection that is given up when its server says nothing for longer than it may.

    The kernel finds out that a peer is gone, but not that a proxy on the way is there and passes nothing on.
    """

    patience_s: float | None = None
    heard: float = 0.0  # when the server last said something, by this machine's monotonic clock

    async def wait(self, gen: PQGen[_R], interval: float = 0.1, timeout: float | None = None) -> _R:
        """As psycopg does; raises OperationalError when it takes too long."""
        over = asyncio.get_running_loop().call_later(self.patience_s or ANSWER_S, self._hang_up)
        try:
            answer = await super().wait(gen, interval, timeout)
        finally:
            over.cancel()
        self.heard = time.monotonic()
        return answer

    def _hang_up(self) -> None:
        """End the line under whoever waits: a call that is cancelled instead would wait for the server to agree."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


async def open_pool(url: str, size: int, settings: Mapping[str, str] | None = None) -> Pool:
    """A pool of at most `size` connections, each proven before it is lent; raises StoreError where none can be had.

    `settings` are the server's own, for these connections alone.
    """
    options = " ".join((_SETTINGS, *(f"-c {name}={value}" for name, value in (settings or {}).items())))
    pool = Pool(
        url,
        connection_class=Patient,
        kwargs={"row_factory": dict_row, "options": options, **LINE},
        min_size=1,
        max_size=size,
        timeout=CONNECT_TIMEOUT_S,
        configure=_configure,
        check=_prove,
        open=False,
    )
    try:
        await pool.open(wait=True, timeout=CONNECT_TIMEOUT_S)
        await _require_unicode(pool)
    except (psycopg.Error, TimeoutError) as error:
        await pool.close()
        raise unreachable(url, await _reason(url) or type(error).__name__) from error
    except StoreError:
        await pool.close()
        raise
    return pool


async def _require_unicode(pool: Pool) -> None:
    """Raise StoreError for a database that cannot hold every text: one that was made where no locale was set, say."""
    async with pool.connection() as connection:
        encoding = connection.info.parameter_status("server_encoding")
        name = connection.info.dbname
    if encoding != "UTF8":
        raise StoreError(
            f"the database {name} is encoded as {encoding}, which cannot hold Chinese; make one with "
            f"`CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'`",
            f"数据库 {name} 的编码是 {encoding}，存不下中文；请用 "
            f"`CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'` 新建",
        )


async def _configure(connection: Connection) -> None:
    """A transaction is begun by name, below; a statement outside is one of its own, and asks the server once."""
    await connection.set_autocommit(True)


async def _prove(connection: Connection) -> None:
    """Raise OperationalError where a connection is dead; the server is asked only where it may be.

    One whose server has gone has something to read; one that was silent for a while may end at a proxy that has lost
    its server, so it is asked, and given up sooner than a statement.
    """
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    is_fresh = isinstance(connection, Patient) and time.monotonic() - connection.heard < CHECK_S
    if is_fresh and not line.poll(0):
        return
    if isinstance(connection, Patient):
        connection.patience_s = CHECK_S
    try:
        await Pool.check_connection(connection)
    finally:
        if isinstance(connection, Patient):
            connection.patience_s = None


async def _reason(url: str) -> str:
    """What the server or the network says to one more try; empty where it is not their word.

    A connection string that cannot be read is quoted in the error, perhaps with the password, so that is not passed on.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_TIMEOUT_S)
    except psycopg.Error as error:
        found = _REASON.search(str(error))
        return " ".join(found[0].split())[:_LONGEST_REASON] if found else ""
    await connection.close()
    return ""


def unreachable(url: str, reason: str) -> StoreError:
    """The error that there is no database at `url`, without the password in it."""
    place = bare(url)
    return StoreError(
        f"the database {place} cannot be reached ({reason}); check --database and that it runs",
        f"无法连接数据库 {place}（{reason}）；请检查 --database，并确认它在运行",
    )


def bare(url: str) -> str:
    """A connection string without its password.

    A password with an unescaped `/` or `@` reaches into what is taken for host and database, which then hold an `@`.
    """
    try:
        info = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "(unreadable connection string)"
    place = f"{info.get('dbname', '')} at {info.get('host', 'localhost')}"
    return "(connection string with an unescaped password)" if "@" in place else place


@asynccontextmanager
async def as_service(pool: Pool, *, pipelined: bool = False) -> AsyncIterator[Connection]:
    """One transaction in the service's own role, which sees all tenants.

    Where it is `pipelined`, statements go out without waiting for the answers to those before: the first fetch waits
    for all of them, and a cursor's `rowcount` says nothing before. What is fetched behind the block came with the
    commit.
    """
    async with pool.connection() as connection, _sending(connection, pipelined), connection.transaction():
        yield connection


@asynccontextmanager
async def alone(pool: Pool) -> AsyncIterator[Connection]:
    """For one statement in the service's own role: its own transaction, so the server is asked once and not thrice."""
    async with pool.connection() as connection:
        yield connection


def _sending(connection: Connection, pipelined: bool) -> AbstractAsyncContextManager[object]:
    return connection.pipeline() if pipelined else nullcontext()


@asynccontextmanager
async def as_tenant(pool: Pool, tenant: UUID, *, pipelined: bool = False) -> AsyncIterator[Connection]:
    """One transaction in the role of tenants: row-level security shows it the rows of `tenant` and no others."""
    async with _share_of(pool, tenant), as_service(pool, pipelined=pipelined) as connection:
        await connection.execute(
            "SELECT set_config('viva.tenant', %s, true), set_config('role', 'viva_tenant', true)", (str(tenant),)
        )
        yield connection


def _share_of(pool: Pool, tenant: UUID) -> asyncio.Semaphore:
    """What a tenant may hold of a pool at a time, so that one who asks much holds up itself and nobody else."""
    shares = _SHARES.setdefault(pool, WeakValueDictionary())
    share = shares.get(tenant)
    if share is None:
        share = shares[tenant] = asyncio.Semaphore(max(1, pool.max_size // TENANTS_AT_ONCE))
    return share


async def back_to_service(connection: Connection) -> None:
    """Leave the tenant's role within its transaction: the queue is the service's."""
    await connection.execute("SET LOCAL ROLE NONE")
