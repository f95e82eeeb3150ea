"""The work that both libraries carry out: a row is claimed, slept on, and written under the attempt that claimed it.

The statements are the product's in small: a claim raises the attempt, "done" is written only under the newest one and
never changes. Beside that, and fenced by nothing, `offered` counts how often the queue handed a row out, and
`executions` has a row for each claim and the time of its end, kept or not.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import psycopg

from grader.database.connection import Connection, Pool
from grader.database.queue import AWAY
from tests.chaos.queues.accounting import Execution, Work

VERDICT_MS: Final = (20, 150)
RETRY_S: Final = 0.2
Carry = Callable[[int], Awaitable[None]]
TABLES: Final = """
    CREATE TABLE works (
        id bigint PRIMARY KEY, verdict_ms int NOT NULL, state text NOT NULL DEFAULT 'queued', attempt int NOT NULL
        DEFAULT 0, offered int NOT NULL DEFAULT 0, created timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE executions (
        work bigint, attempt int, worker text NOT NULL, begun timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended timestamptz, kept boolean, PRIMARY KEY (work, attempt)
    );
"""
_INSERT = "INSERT INTO works (id, verdict_ms) SELECT * FROM unnest(%s::bigint[], %s::int[])"
_CLAIM = """
    WITH taken AS (
        UPDATE works SET offered = offered + 1, attempt = attempt + (state <> 'done')::int,
            state = CASE state WHEN 'done' THEN 'done' ELSE 'running' END
        WHERE id = %s RETURNING id, attempt, state, verdict_ms
    ), noted AS (
        INSERT INTO executions (work, attempt, worker) SELECT id, attempt, %s FROM taken WHERE state = 'running'
    )
    SELECT attempt, verdict_ms FROM taken WHERE state = 'running'
"""
_FINISH = """
    WITH held AS (
        UPDATE works SET state = 'done' WHERE id = %(work)s AND attempt = %(attempt)s AND state = 'running' RETURNING id
    )
    UPDATE executions SET ended = clock_timestamp(), kept = EXISTS (SELECT FROM held)
    WHERE work = %(work)s AND attempt = %(attempt)s
"""
_WORKS = "SELECT id, state = 'done' AS is_done, offered, extract(epoch FROM created)::float8 AS created FROM works"
_EXECUTIONS = """
    SELECT work, attempt, worker, extract(epoch FROM begun)::float8 AS begun,
        extract(epoch FROM ended)::float8 AS ended, coalesce(kept, false) AS kept
    FROM executions
"""


def verdict_times(numbers: Sequence[int], seed: int) -> list[int]:
    """The recorded verdict time of each piece of work: the same for every library and run."""
    return [random.Random(seed * 1_000_003 + number).randint(*VERDICT_MS) for number in numbers]


async def insert(connection: Connection, numbers: Sequence[int], verdict_ms: Sequence[int]) -> None:
    """The rows, within the transaction that also puts their jobs in."""
    await connection.execute(_INSERT, (list(numbers), list(verdict_ms)))


async def carry_out(pool: Pool, worker: str, number: int) -> None:
    """Claim, sleep, write. A database that is away is waited for, as the product does."""
    taken = await _patiently(pool, _CLAIM, (number, worker))
    if taken is None:
        return
    await asyncio.sleep(taken["verdict_ms"] / 1000)
    await _patiently(pool, _FINISH, {"work": number, "attempt": taken["attempt"]})


async def _patiently(pool: Pool, statement: str, values: Any) -> dict[str, Any] | None:
    while True:
        try:
            async with pool.connection() as connection:
                cursor = await connection.execute(statement, values)
                return await cursor.fetchone() if cursor.description else None
        except (*AWAY, psycopg.errors.DatabaseError):
            await asyncio.sleep(RETRY_S)


async def works(connection: Connection) -> list[Work]:
    """All rows as they stand."""
    rows = await (await connection.execute(_WORKS)).fetchall()
    return [
        Work(number=row["id"], is_done=row["is_done"], offered=row["offered"], created=row["created"]) for row in rows
    ]


async def executions(connection: Connection) -> list[Execution]:
    """All claims."""
    rows = await (await connection.execute(_EXECUTIONS)).fetchall()
    return [Execution(**row) for row in rows]
