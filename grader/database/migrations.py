"""The schema's numbered steps: `schema/0001_….sql` and so on, applied in order, once, under a lock.

A step is never changed once it was released. Programs of several versions may run against one database: a step must
leave
the program before it working, and an older program refuses a database whose number it does not know.
"""

from __future__ import annotations

import getpass
from importlib import resources
from typing import Final

import psycopg
from procrastinate.schema import SchemaManager

from grader.database.connection import Connection, Pool, as_service
from grader.errors import StoreError

_LOCK: Final = 0x76697661  # "viva"
_STEPS: Final = sorted(
    (entry for entry in resources.files("grader.database").joinpath("schema").iterdir() if entry.name.endswith(".sql")),
    key=lambda entry: entry.name,
)


async def migrate(pool: Pool) -> int:
    """Bring the schema to this program's number; returns how many steps that took.

    Raises StoreError if it is newer, or if the database's user lacks a right.
    """
    try:
        return await _migrate(pool)
    except psycopg.errors.InsufficientPrivilege as error:
        raise _lacks_a_right(pool, error) from error


def _lacks_a_right(pool: Pool, error: psycopg.Error) -> StoreError:
    user = psycopg.conninfo.conninfo_to_dict(str(pool.conninfo)).get("user") or getpass.getuser()
    commands = f"CREATE ROLE viva_tenant; GRANT viva_tenant TO {user}; ALTER DATABASE … OWNER TO {user}"
    reason = error.diag.message_primary
    return StoreError(
        f"the database's user {user} lacks a right ({reason}); as an administrator of the server, once: `{commands}`",
        f"数据库用户 {user} 缺少权限（{reason}）；请以服务器管理员身份执行一次：`{commands}`",
    )


async def _migrate(pool: Pool) -> int:
    async with as_service(pool) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute("CREATE TABLE IF NOT EXISTS viva_schema (number integer NOT NULL)")
        reached = await _number(connection)
        if reached > len(_STEPS):
            raise StoreError(
                f"the database has schema {reached}, and this program knows {len(_STEPS)}; upgrade viva here",
                f"数据库的结构版本是 {reached}，而本程序只认识到 {len(_STEPS)}；请升级这台机器上的 viva",
            )
        if reached == 0:
            await _make_queue(connection)
        for number, step in enumerate(_STEPS[reached:], reached + 1):
            await connection.execute(step.read_text("utf-8"))
            await connection.execute("INSERT INTO viva_schema VALUES (%s)", (number,))
    return len(_STEPS) - reached


async def _number(connection: Connection) -> int:
    cursor = await connection.execute("SELECT coalesce(max(number), 0) AS number FROM viva_schema")
    row = await cursor.fetchone()
    return int(row["number"]) if row else 0


async def _make_queue(connection: Connection) -> None:
    """The queue's own tables; they are the library's, which upgrades them by scripts of its own."""
    cursor = await connection.execute("SELECT to_regclass('procrastinate_jobs') AS there")
    row = await cursor.fetchone()
    if row and row["there"] is None:
        await connection.execute(SchemaManager.get_schema())


async def is_current(pool: Pool) -> bool:
    """Whether the database answers and has the schema that this program knows."""
    try:
        async with as_service(pool) as connection:
            return await _number(connection) == len(_STEPS)
    except (psycopg.Error, TimeoutError):
        return False
