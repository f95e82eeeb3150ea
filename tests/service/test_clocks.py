"""Clocks that are set by hours, on any side: nothing is lost, stolen or sent early, and no time is negative."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree, which
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook

from grader.client import Client
from grader.database.deliveries import Deliveries
from grader.database.gradings import Gradings
from grader.database.heartbeats import UNCHANGED_S, Heartbeats
from grader.database.queue import Queue
from grader.database.standing import Standing
from grader.model.service import Claim, Made
from grader.service.ids import Ids
from tests.service.running import EXERCISES, Service, made, open_pool, with_gradings, worker
from tests.service.test_webhooks import receiving

ROOT = Path(__file__).parents[2]
HOURS = [pytest.param(3, id="forward"), pytest.param(-3, id="back")]
SOURCE = "x = 1"
WIDEST = timedelta(minutes=2)  # between two clocks that are meant to agree


def set_clock(service: Service, hours: int) -> None:
    """The database's clock, set by so many hours: all that it has noted lies as far on the other side."""
    columns = service.ask(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t "
        "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
        "AND data_type = 'timestamp with time zone'"
    )
    for table, column in columns:
        service.ask(f"UPDATE {table} SET {column} = {column} - interval '{hours} h'")


async def rescue(_gradings: Gradings, queue: Queue) -> int:
    """Put back what workers that are gone had taken."""
    return await queue.rescue()


@pytest.mark.parametrize("hours", HOURS)
def test_a_living_worker_keeps_its_job(service: Service, hours: int) -> None:
    """Its signs of life look hours old, or lie hours ahead, until it gives the next one; nobody takes its job."""
    begun, gate = threading.Event(), threading.Event()

    def slow(claim: Claim) -> Made:
        begun.set()
        gate.wait(60)
        return made(lost=claim.lost)

    service.judging.judge_with = slow
    now = 0.0
    heartbeats = Heartbeats(lambda: now)
    with service.client(service.key()) as client, worker(service):
        sent = client.submit("f1_auc", SOURCE).id
        assert begun.wait(20)
        set_clock(service, hours)
        assert with_gradings(service, rescue, heartbeats) == 0
        deadline = time.monotonic() + 30
        is_noted_anew = (
            "SELECT bool_and(abs(extract(epoch FROM now() - last_heartbeat)) < 60) FROM procrastinate_workers"
        )
        while service.ask(is_noted_anew) != [(True,)]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        now = UNCHANGED_S
        assert with_gradings(service, rescue, heartbeats) == 0
        gate.set()
        verdict = client.wait(sent, 30).verdict
    assert verdict is not None
    assert verdict["lost"] == 0
    assert len(service.judging.seen) == 1


@pytest.mark.parametrize("hours", HOURS)
def test_a_dead_workers_job_is_put_back(service: Service, hours: int) -> None:
    """A last sign of life that lies hours ahead keeps nobody waiting for hours."""
    with service.client(service.key()) as client:
        client.submit("f1_auc", SOURCE)
    service.ask(
        "WITH w AS (INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
    )
    set_clock(service, hours)
    now = 0.0
    heartbeats = Heartbeats(lambda: now)
    assert with_gradings(service, rescue, heartbeats) == 0
    now = UNCHANGED_S
    assert with_gradings(service, rescue, heartbeats) == 1
    (waiting,) = service.ask("SELECT status::text, scheduled_at <= now() FROM procrastinate_jobs")
    assert waiting == ("todo", True)


@pytest.mark.parametrize("hours", HOURS)
def test_the_net_under_the_queue_holds(service: Service, hours: int) -> None:
    """A grading whose job was lost before the clock was set gets another at once, not when the clock is there again."""
    with service.client(service.key()) as client:
        client.submit("f1_auc", SOURCE)
    service.ask("DELETE FROM procrastinate_jobs")
    set_clock(service, hours)

    async def sweep(gradings: Gradings, _queue: Queue) -> int:
        return await gradings.sweep()

    assert with_gradings(service, sweep) == 1


def test_no_time_is_negative(service: Service) -> None:
    """A clock that is set back while something is graded makes neither its times nor the operator's figures odd."""

    def judge(_claim: Claim) -> Made:
        set_clock(service, -3)
        return made()

    service.judging.judge_with = judge
    with service.client(service.key()) as client, worker(service):
        found = client.submit("f1_auc", SOURCE, wait_s=30).document
        client.submit("f1_auc", SOURCE)
        figures = service.loop.run(_figures(service.database))
    grading = found["grading"]
    times = [found["created"], grading["created"], grading["started"], grading["finished"]]
    assert [datetime.fromisoformat(one) for one in times] == sorted(datetime.fromisoformat(one) for one in times)
    assert figures
    assert min(figures) >= 0


async def _figures(database: str) -> list[float]:
    pool = await open_pool(database, 2)
    try:
        standing = Standing(pool)
        rows = [await standing.gauges(), *await standing.recent(1e6), *await standing.running()]
        rows += await standing.workers()
    finally:
        await pool.close()
    return [float(value) for row in rows for value in row.values() if not isinstance(value, str) and value is not None]


@pytest.mark.parametrize("hours", HOURS)
def test_a_message_waits_by_the_databases_clock(service: Service, hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A courier whose own clock is wrong tries again neither at once nor hours later."""

    class Wrong(datetime):
        """A clock that is set."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(hours=hours)

    monkeypatch.setattr("grader.database.queue.datetime", Wrong)
    with service.client(service.key()) as client, worker(service):
        client.submit("f1_auc", SOURCE, callback="http://127.0.0.1:1/", wait_s=30)
    ((delivery,),) = service.ask("SELECT id FROM deliveries")

    async def fail(_gradings: Gradings, queue: Queue) -> None:
        assert isinstance(delivery, UUID)
        pool = await open_pool(service.database, 2)
        await Deliveries(pool, queue).failed(delivery, "nobody there", 30.0)
        await pool.close()

    with_gradings(service, fail)
    ((seconds,),) = service.ask(
        "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs WHERE scheduled_at > '1970-01-02'"
    )
    assert 20 < float(seconds) <= 30


def test_ids_follow_each_other() -> None:
    """An id sorts after the one before it, also within a millisecond and where the clock is set back."""
    moments = iter([2 * 10**18, 2 * 10**18, 10**18, 10**18, 3 * 10**18])
    ids = Ids(lambda: next(moments))
    drawn = [ids.draw() for _ in range(5)]
    assert drawn == sorted(drawn)
    assert {one.version for one in drawn} == {7}
    assert drawn[-1].int >> 80 == 3 * 10**12
    assert drawn[0].int >> 80 == drawn[3].int >> 80 == 2 * 10**12


@dataclass
class Clock:
    """The wall clock of some processes, which a test sets while they run; steady clocks go on."""

    folder: Path

    def make(self) -> None:
        """Compile what is put before the C library."""
        subprocess.run(
            [
                "cc",
                "-shared",
                "-fPIC",
                "-o",
                self.folder / "clock.so",
                Path(__file__).with_name("wrong_clock.c"),
                "-ldl",
            ],
            check=True,
        )
        (self.folder / "clock").write_bytes(bytes(8))

    def set(self, hours: int) -> None:
        """Let it be so many hours ahead of the machine's."""
        with (self.folder / "clock").open("r+b") as file:
            file.write(struct.pack("q", 3600 * hours))

    def environment(self) -> dict[str, str]:
        """For processes that shall go by it."""
        return {**os.environ, "LD_PRELOAD": str(self.folder / "clock.so"), "WRONG_CLOCK": str(self.folder / "clock")}


_DATABASE = """
import sys, pathlib
from grader.database.embedded import EmbeddedServer
with EmbeddedServer(pathlib.Path(sys.argv[1]), owned=True) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def database_of(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """A PostgreSQL of its own, in its own time."""
    process = subprocess.Popen(
        [sys.executable, "-c", _DATABASE, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")


@contextmanager
def serving(folder: Path, database: str, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """`viva serve` with a worker, in its own time; where it listens and its first key."""
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "grader", "serve", "--port", "0", "--workers", "1", "--lanes", "2", "--lang", "en"),
            *("--allow-inside", "--database", database, "--data", str(folder)),
        ],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    try:
        said = ""
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if line.startswith("ready"):
                break
        key, url = re.search(r"viva_[0-9a-f]{12}_[0-9a-f]{64}", said), re.search(r"http://[0-9.:]+", said)
        assert key is not None, f"{said}\n{(folder / 'log').read_text()}"
        assert url is not None
        yield url[0], key[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        log.close()


@pytest.mark.slow
@pytest.mark.skipif(which("cc") is None, reason="there is no C compiler, which the clock to be set needs")
@pytest.mark.parametrize("side", ["database", "api, courier and worker"])
def test_the_whole_service_bears_a_clock_that_is_set(side: str) -> None:
    """Set forward by five hours and back by eight while submissions come: each has one verdict, not one was lost.

    What a verdict's signature covers is the time of the database, and webhooks go by it, too.
    """
    folder = Path(mkdtemp(prefix="viva-clock-"))  # where the user of PostgreSQL may pass
    folder.chmod(0o755)
    clock = Clock(folder)
    clock.make()
    mine = dict(os.environ)
    ours, theirs = (clock.environment(), mine) if side == "database" else (mine, clock.environment())
    source = EXERCISES["f1_auc"].solution.read_text("utf-8")
    with (
        database_of(folder / "postgresql", ours) as database,
        receiving() as told,
        serving(folder, database, theirs) as (url, key),
        Client(url, key) as client,
    ):
        secret = client.add_webhook(told.url)["secret"]
        ids: list[str] = []
        for hours in (0, 5, -3, 0):
            clock.set(hours)
            ids += [client.submit("f1_auc", source).id for _ in range(3)]
            verdicts = [client.wait(one, 90).document["grading"] for one in ids[-3:]]
            expected = datetime.now(UTC) + timedelta(hours=hours if side == "database" else 0)
            for one in verdicts:
                assert one["verdict"]["status"] == "accepted"
                assert abs(datetime.fromisoformat(one["verdict"]["created"]) - expected) < WIDEST
                assert one["created"] <= one["started"] <= one["finished"]
        assert [len(client.verdicts(one)) for one in ids] == [1] * len(ids)
        for _ in ids:
            headers, body = told.next()
            if side != "database":  # else the receiver's clock and the service's are hours apart
                Webhook(secret).verify(body.decode(), headers)
        assert len({headers["webhook-id"] for headers, _ in told.taken}) == len(ids)
    rmtree(folder, ignore_errors=True)
