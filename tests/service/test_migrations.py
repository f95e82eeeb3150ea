"""The schema on a server that is somebody else's: by a user who owns one database and nothing more."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from grader.database import connection
from grader.database.connection import as_tenant, open_pool
from grader.database.embedded import EmbeddedServer
from grader.database.migrations import migrate
from grader.errors import StoreError
from grader.service.ids import new_id
from tests.service.running import Loop


@pytest.fixture
def server() -> Iterator[str]:
    """A server that has never seen this product."""
    folder = Path(tempfile.mkdtemp(prefix="viva-pg-"))
    folder.chmod(0o755)
    with EmbeddedServer(folder / "postgresql") as server:
        yield server.url
    shutil.rmtree(folder, ignore_errors=True)


def owned(server: str, *statements: str) -> str:
    """An empty database of the user `owner`, who is made by `statements`."""
    with psycopg.connect(server, autocommit=True) as administrator:
        for statement in (*statements, "CREATE DATABASE viva OWNER owner"):
            administrator.execute(statement)  # type: ignore[arg-type]
    return psycopg.conninfo.make_conninfo(server, dbname="viva", user="owner")


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Where coroutines run."""
    loop = Loop()
    yield loop
    loop.close()


async def migrated(url: str) -> str:
    """Bring the schema up, and act for a tenant; the role in which that happened."""
    pool = await open_pool(url, 2)
    try:
        assert await migrate(pool) > 0
        assert await migrate(pool) == 0
        async with as_tenant(pool, new_id()) as rows:
            await rows.execute("SELECT FROM submissions")
            row = await (await rows.execute("SELECT current_user::text AS role")).fetchone()
        assert row is not None
        return str(row["role"])
    finally:
        await pool.close()


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE ROLE owner LOGIN CREATEROLE",),
        ("CREATE ROLE viva_tenant", "CREATE ROLE owner LOGIN IN ROLE viva_tenant"),
    ],
)
def test_the_owner_of_a_database_needs_no_superuser(server: str, loop: Loop, statements: tuple[str, ...]) -> None:
    """One who may make roles, and one to whom an administrator gave the role, act for tenants."""
    assert loop.run(migrated(owned(server, *statements))) == "viva_tenant"


def test_a_missing_right_is_named_with_what_to_do(server: str, loop: Loop) -> None:
    """One sentence for whoever administers the server, and nothing half made."""
    url = owned(server, "CREATE ROLE owner LOGIN")
    with pytest.raises(StoreError, match="GRANT viva_tenant TO owner;"):
        loop.run(migrated(url))
    with psycopg.connect(url) as owner:
        assert owner.execute("SELECT to_regclass('viva_schema')").fetchone() == (None,)


async def opened(url: str) -> None:
    """Connect, and let go."""
    await (await open_pool(url, 1)).close()


def test_why_a_database_cannot_be_reached_is_said(postgresql: str, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the server's words, not in the pool's."""
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 1)
    with pytest.raises(StoreError, match='database "elsewhere" does not exist'):
        loop.run(opened(psycopg.conninfo.make_conninfo(postgresql, dbname="elsewhere")))


@pytest.mark.parametrize("password", ["hunter2", "hun/ter2", "hun@ter2", "hun?ter2", "hun#ter2"])
def test_a_password_is_not_said(loop: Loop, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """Neither one that the server refuses nor one that makes the connection string unreadable."""
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 1)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        loop.run(opened(f"postgresql://u:{password}@127.0.0.1:1/x"))
    assert "hun" not in str(caught.value)
    assert "ter2" not in str(caught.value)
