"""A program is replaced by the next while submissions are queued: apis and workers as processes, as in docs/deploy.md.

The next program is a copy of this one with one more step of the schema and another version of an exercise. With
`VIVA_OLDER=<folder of an earlier version>` that one is replaced by this tree instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from grader.client import Client
from grader.content.pack import Pack
from tests.service.command import said_until_ready
from tests.service.conftest import fresh_database

ROOT = Path(__file__).parents[2]
SLUG = "pass_at_k"
RIGHT = (ROOT / "reference" / SLUG / "solution.py").read_text()
QUEUED, BETWEEN, LATER = 24, 6, 12
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Program:
    """A version of viva in its folder, and the database that it runs on."""

    folder: Path
    database: str
    scratch: Path

    @property
    def grades_by(self) -> tuple[str, int]:
        """The digest of the suite that it has for the exercise, and the exercise's version."""
        exercise = Pack(self.folder).exercise(SLUG)
        return exercise.suite_digest, exercise.version

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """A command of it, that goes on."""
        environment = {
            **os.environ,
            "VIVA_DATABASE": self.database,
            "VIVA_CACHE": str(self.scratch / f"cache of {self.folder.name}"),
            "PYTHONPATH": str(self.folder),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "grader", *words, "--lang", "en"],
            env=environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=(self.scratch / "log").open("a"),
            text=True,
        )

    @contextmanager
    def serving(self) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
        """Its api on a free port, and what it said until it was ready; it ends at the end at the latest."""
        data = ("--data", str(self.scratch / "data"))
        with self.begin("serve", "--port", "0", "--workers", "0", *data) as process:
            try:
                said = said_until_ready(process)
                yield re.findall(r"http://[0-9.:]+", said)[0], said, process
            finally:
                process.kill()

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[str]]:
        """A worker of it; ends at the end at the latest."""
        with self.begin("worker", "--lanes", "1", "--environment", "numpy") as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
def programs(postgresql: str, tmp_path: Path) -> tuple[Program, Program]:
    """The older and the newer one, on one database."""
    database = fresh_database(postgresql)
    if earlier := os.environ.get("VIVA_OLDER"):
        return Program(Path(earlier), database, tmp_path), Program(ROOT, database, tmp_path)
    return Program(ROOT, database, tmp_path), Program(_next_version(tmp_path / "next"), database, tmp_path)


def _next_version(folder: Path) -> Path:
    for name in ("grader", "bank", "exercises", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    step = folder / "grader" / "database" / "schema" / "9999_next.sql"
    step.write_text("ALTER TABLE gradings ADD COLUMN of_the_next_version text;\n")
    manifest = folder / "exercises" / SLUG / "exercise.yaml"
    number = Pack(ROOT).exercise(SLUG).version
    manifest.write_text(manifest.read_text().replace(f"version: {number}", f"version: {number + 1}", 1))
    return folder


def _send(client: Client, count: int) -> list[str]:
    return [client.submit(SLUG, RIGHT).id for _ in range(count)]


def _graded_by(client: Client, ids: Sequence[str]) -> set[tuple[str, int]]:
    """Suite and version in the verdicts, when all are there; each is `accepted`."""
    found = [client.wait(one, 120).verdict for one in ids]
    assert [one and one["status"] for one in found] == ["accepted"] * len(ids)
    return {(one["suite_digest"], one["exercise"]["version"]) for one in found if one}


def _is_ready(url: str) -> bool:
    return httpx.get(f"{url}/readyz").status_code == 200


def test_a_program_is_replaced_while_submissions_wait(programs: tuple[Program, Program], tmp_path: Path) -> None:
    """Each has one verdict, by the suite of the program that accepted it; none is lost or counted as a lost try."""
    older, newer = programs
    with ExitStack() as stack:
        old_url, said, old_api = stack.enter_context(older.serving())
        old_worker = stack.enter_context(older.working())
        key = re.findall(r"viva_[0-9a-f]{12}_[0-9a-f]{64}", said)[0]
        with Client(old_url, key) as old_client:
            early = _send(old_client, QUEUED)
            new_url, _, _ = stack.enter_context(newer.serving())
            assert (_is_ready(old_url), _is_ready(new_url)) == (False, True), "a balancer is to move"
            early += _send(old_client, BETWEEN)
            with Client(new_url, key) as new_client:
                later: list[str] = []
                sending = threading.Thread(target=lambda: later.extend(_send(new_client, LATER)))
                sending.start()
                old_api.terminate()
                assert old_api.wait(60) == 0, (tmp_path / "log").read_text()
                stack.enter_context(newer.working())
                old_worker.terminate()
                assert old_worker.wait(60) == 0, (tmp_path / "log").read_text()
                sending.join(120)
                assert _graded_by(new_client, early) == {older.grades_by}
                assert _graded_by(new_client, later) == {newer.grades_by}
                assert len(later) == LATER
                used = new_client.usage()
        with older.begin("serve", "--port", "0", "--workers", "0") as refused:
            assert refused.wait(60) == 2
    with psycopg.connect(newer.database) as connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT submission), max(lost) FROM gradings").fetchone()
        assert rows == (len(early) + LATER, len(early) + LATER, 0)
        assert connection.execute("SELECT count(*) FROM verdicts").fetchone() == (len(early) + LATER,)
    assert "upgrade viva here" in (tmp_path / "log").read_text()
    assert used["days"][0]["verdicts"] == len(early) + LATER
