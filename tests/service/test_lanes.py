"""What a worker takes, and when; and which connections it is lent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

import psycopg
import pytest

from grader.database.connection import Connection, Pool, alone, as_service, as_tenant, open_pool
from grader.database.queue import GRADE, TAKING, Order, Queue
from grader.service.ids import new_id
from tests.service.running import Service

JOBS = 4


def carried_out(service: Service, *, early: bool) -> list[int]:
    """How many jobs were under way as each began, where every one of them ends when nothing more begins."""
    begun: list[int] = []

    async def run() -> None:
        pool = await open_pool(service.database, 2)
        queue = Queue(pool)
        await queue.open()
        async with as_service(pool) as connection:
            await queue.put(connection, [Order(task=GRADE, subject=new_id(), queue="some") for _ in range(JOBS)])
        stopping, under_way = asyncio.Event(), 0

        async def carry(_subject: UUID, _again: bool, free: Callable[[], None]) -> None:
            nonlocal under_way
            under_way += 1
            begun.append(under_way)
            if early:
                free()
            await asyncio.sleep(0.5)
            under_way -= 1
            if len(begun) == JOBS and not under_way:
                stopping.set()

        await queue.work(GRADE, carry, queues=["some"], lanes=1, stopping=stopping, grace_s=5)
        await pool.close()

    service.loop.run(run())
    return begun


@pytest.mark.parametrize(("early", "most"), [(False, 1), (True, 2)])
def test_a_lane_has_one_job_and_a_free_one_takes_the_next(service: Service, early: bool, most: int) -> None:
    """Without a word there is never more than one for a lane; with it the next begins beside the last steps."""
    begun = carried_out(service, early=early)
    assert len(begun) == JOBS
    assert max(begun) == most


def test_a_dead_connection_is_not_lent(service: Service) -> None:
    """A connection that the server has closed is replaced before anybody is given it."""

    async def survive() -> int:
        pool = await open_pool(service.database, 1)
        async with alone(pool) as connection:
            first = connection.info.backend_pid
        await asyncio.to_thread(service.ask, "SELECT pg_terminate_backend(%s, 5000)", first)
        async with alone(pool) as connection:
            cursor = await connection.execute("SELECT pg_backend_pid() AS pid")
            row = await cursor.fetchone()
        await pool.close()
        assert row is not None
        return int(row["pid"] == first)

    assert service.loop.run(survive()) == 0


async def _settings(pool: Pool) -> list[str]:
    async with alone(pool) as connection:
        cursor = await connection.execute(
            "SELECT current_setting('role') AS role, coalesce(current_setting('viva.tenant', true), '') AS tenant"
        )
        row = await cursor.fetchone()
    assert row is not None
    return [row["role"], row["tenant"]]


@pytest.mark.parametrize("pipelined", [False, True])
def test_a_statement_that_fails_leaves_nothing_behind(service: Service, pipelined: bool) -> None:
    """Neither rows nor the tenant's role, whether its error comes at once or with the next answer."""
    service.key()
    tenant = service.tenants["acme"].id

    async def overreach(pool: Pool) -> None:
        async with as_tenant(pool, tenant, pipelined=pipelined) as connection:
            await connection.execute(
                "INSERT INTO audit (tenant, actor, action, subject) VALUES (%s, 'thief', '', '')", (tenant,)
            )
            await connection.execute("DELETE FROM submissions")

    async def fail() -> list[str]:
        pool = await open_pool(service.database, 1)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await overreach(pool)
        left = await _settings(pool)
        await pool.close()
        return left

    assert service.loop.run(fail()) == ["none", ""]
    assert service.ask("SELECT count(*) FROM audit WHERE actor = 'thief'") == [(0,)]


@pytest.mark.parametrize(("settings", "setting"), [(None, "on"), (TAKING, "off")])
def test_only_what_can_be_done_again_may_be_forgotten(
    service: Service, settings: Mapping[str, str] | None, setting: str
) -> None:
    """A pool waits for the disk at each commit, unless it was opened as one that need not."""

    async def asked() -> str:
        pool = await open_pool(service.database, 1, settings)
        async with alone(pool) as connection:
            cursor = await connection.execute("SHOW synchronous_commit")
            row = await cursor.fetchone()
        await pool.close()
        assert row is not None
        return str(row["synchronous_commit"])

    assert service.loop.run(asked()) == setting


async def _rows_read(connection: Connection) -> int:
    """How many rows of the queue this connection has read."""
    cursor = await connection.execute(
        "SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables WHERE relname = 'procrastinate_jobs'"
    )
    row = await cursor.fetchone()
    return int(row["read"]) if row else 0


def test_taking_a_job_of_many_does_not_read_them_all(service: Service) -> None:
    """After a burst, before the server has counted its rows: the planner would read and sort the whole queue."""

    async def read_for_one() -> int:
        pool = await open_pool(service.database, 1, TAKING)
        queue = Queue(pool)
        await queue.open()
        async with as_service(pool) as connection:
            await queue.put(connection, [Order(task=GRADE, subject=new_id(), queue="some") for _ in range(3000)])
        async with as_service(pool) as connection:
            before = await _rows_read(connection)
            await connection.execute("SELECT * FROM procrastinate_fetch_job_v2('{some}', NULL)")
            read = await _rows_read(connection) - before
        await pool.close()
        return read

    assert service.loop.run(read_for_one()) < 10
