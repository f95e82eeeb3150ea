"""One PostgreSQL for all tests of the grading backend, and a fresh database for each module or test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from grader.database.embedded import EmbeddedServer
from tests.service.running import Service, running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The connection string of a server's own database; as root it must lie where others may pass."""
    folder = Path(tempfile.mkdtemp(prefix="viva-pg-"))
    folder.chmod(0o755)
    with EmbeddedServer(folder / "postgresql", owned=True) as server:
        yield server.url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder where the user of PostgreSQL may pass."""
    folder = Path(tempfile.mkdtemp(prefix="viva-data-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def fresh_database(server: str) -> str:
    """A new empty database on a server."""
    name = f"viva_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return psycopg.conninfo.make_conninfo(server, dbname=name)


@pytest.fixture
def database(postgresql: str) -> str:
    """An empty database."""
    return fresh_database(postgresql)


@pytest.fixture
def service(database: str, tmp_path: Path) -> Iterator[Service]:
    """An api over an empty database, without a worker."""
    with running(database, tmp_path) as service:
        yield service


@pytest.fixture(scope="module")
def shared(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The same, for a module whose tests keep out of each other's way."""
    with running(fresh_database(postgresql), tmp_path_factory.mktemp("service")) as service:
        yield service
