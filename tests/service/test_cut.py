"""The network between a worker or the api and the database is cut: with a reset, or without a word."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from grader.database.gradings import Gradings
from grader.database.heartbeats import UNCHANGED_S, Heartbeats
from grader.database.queue import Queue
from grader.model.service import Claim, Made
from grader.service.carrying import Carrier
from tests.chaos.line import Line
from tests.service.running import GRACE_S, Service, made, running, with_gradings, worker

SOURCE = "x = 1"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a silent server for two seconds instead of a minute."""
    monkeypatch.setattr("grader.database.connection.ANSWER_S", 2.0)
    monkeypatch.setattr("grader.database.connection.CHECK_S", 1.0)


@pytest.fixture
def line(database: str) -> Iterator[Line]:
    """A line to the database that can be cut."""
    with Line(database) as line:
        yield line


CUTS = [
    pytest.param(Line.cut, Line.mend, id="reset"),
    pytest.param(Line.stall, Line.mend, id="silent for a while"),
    pytest.param(Line.stall, lambda line: line.mend(forget=True), id="silent for ever"),
]
Act = Callable[[Line], None]


def eventually(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.05)


@contextmanager
def at_work(service: Service, line: Line) -> Iterator[tuple[threading.Event, Carrier]]:
    """A worker at the far end of a line, in the middle of a verdict: what lets it end, and the worker.

    At the end the worker has got rid of its verdict.
    """
    begun, gate = threading.Event(), threading.Event()

    def slow(_claim: Claim) -> Made:
        begun.set()
        gate.wait(60)
        return made("accepted")

    service.judging.judge_with = slow
    with worker(replace(service, database=line.url), "far") as carrier:
        with service.client(service.key()) as client:
            client.submit("f1_auc", SOURCE)
        assert begun.wait(20)
        yield gate, carrier
        eventually(lambda: carrier.tally.verdicts + carrier.tally.late == 1)


@pytest.mark.parametrize(("cut", "mend"), CUTS)
def test_a_verdict_waits_for_the_network(service: Service, line: Line, cut: Act, mend: Act) -> None:
    """A worker that is cut off finishes its box, keeps the verdict, and writes it once when the database is back."""
    with at_work(service, line) as (gate, _):
        cut(line)
        gate.set()
        time.sleep(1)
        assert service.ask("SELECT count(*) FROM verdicts") == [(0,)]
        mend(line)
    assert service.ask("SELECT status FROM verdicts") == [("accepted",)]
    assert len(service.judging.seen) == 1
    assert service.ask("SELECT state, attempt, lost FROM gradings") == [("done", 1, 0)]


@pytest.mark.parametrize(("cut", "mend"), CUTS)
def test_who_was_overtaken_while_cut_off_is_dropped(service: Service, line: Line, cut: Act, mend: Act) -> None:
    """Another took over: the late verdict changes nothing, and is counted."""
    with at_work(service, line) as (gate, carrier):
        cut(line)
        (grading,) = service.ask("SELECT id FROM gradings")[0]

        async def overtake(gradings: Gradings, _queue: Queue) -> bool:
            claim = await gradings.claim(grading, "near")
            return claim is not None and await gradings.finish(claim, made("wrong_answer", 0.0))

        assert with_gradings(service, overtake)
        gate.set()
        mend(line)
    assert (carrier.tally.verdicts, carrier.tally.late) == (0, 1)
    assert service.ask("SELECT status FROM verdicts") == [("wrong_answer",)]


@pytest.mark.parametrize(("cut", "mend"), CUTS)
def test_a_worker_works_on_after_a_cut(service: Service, line: Line, cut: Act, mend: Act) -> None:
    """What is submitted during a cut is graded after it, without anybody starting anything again."""
    with service.client(service.key()) as client, worker(replace(service, database=line.url), "far"):
        client.submit("f1_auc", SOURCE, wait_s=20)
        cut(line)
        waiting = client.submit("f1_auc", SOURCE).id
        mend(line)
        assert client.wait(waiting, 40).verdict is not None
    assert service.ask("SELECT max(lost) FROM gradings") == [(0,)]


@pytest.mark.parametrize(("cut", "mend"), CUTS)
def test_an_api_that_is_cut_off_keeps_nothing_and_says_so(
    database: str, line: Line, tmp_path: Path, cut: Act, mend: Act
) -> None:
    """A request is answered with 503 in time; the same one, sent again when the network is back, is kept once."""
    with running(line.url, tmp_path) as far:
        near = replace(far, database=database)
        with far.http(near.key()) as http:
            sent = lambda: http.post(  # noqa: E731
                "/v1/submissions",
                json={"exercise": "f1_auc", "source": SOURCE},
                headers={"Idempotency-Key": "once"},
            )
            assert http.get("/v1/usage").status_code == 200
            cut(line)
            refused = sent()
            assert refused.status_code == 503
            assert "Retry-After" in refused.headers
            assert "send it again" in refused.json()["detail"]
            mend(line)
            answer: list[httpx.Response] = []

            def is_taken() -> bool:
                answer[:] = [sent()]
                return answer[0].status_code == 202

            eventually(is_taken)
            assert sent().json()["id"] == answer[0].json()["id"]
        assert near.ask("SELECT count(*) FROM submissions") == [(1,)]
        assert near.ask("SELECT count(*) FROM gradings") == [(1,)]


def test_a_verdict_is_kept_longer_than_a_worker_that_ends_would_wait(service: Service, line: Line) -> None:
    """That the queue cannot be asked any more cancels nothing that runs: the verdict is kept, and is not made anew."""
    with at_work(service, line) as (gate, _):
        line.cut()
        gate.set()
        time.sleep(GRACE_S + 3)
        line.mend()
    assert len(service.judging.seen) == 1
    assert service.ask("SELECT state, attempt, lost FROM gradings") == [("done", 1, 0)]


def test_what_runs_on_after_a_short_cut_is_nobody_elses(
    service: Service, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library gives no sign of life while it waits for what runs; the worker does, and keeps its job."""
    monkeypatch.setattr("grader.database.queue.HEARTBEAT_S", 0.2)
    monkeypatch.setattr("grader.database.heartbeats.STALLED_S", 2.0)
    with at_work(service, line) as (gate, _):
        line.cut()
        line.mend()
        time.sleep(5)
        now = 0.0
        heartbeats = Heartbeats(lambda: now)

        async def rescue(_gradings: Gradings, queue: Queue) -> int:
            return await queue.rescue()

        assert with_gradings(service, rescue, heartbeats) == 0
        time.sleep(1)
        now = UNCHANGED_S
        assert with_gradings(service, rescue, heartbeats) == 0
        gate.set()
    assert service.ask("SELECT state, attempt, lost FROM gradings") == [("done", 1, 0)]


def ip(*words: str) -> None:
    """Change the machine's network."""
    subprocess.run(["ip", *words], check=True)


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None, reason="network namespaces need root and `ip` (iproute2)"
)
def test_a_worker_in_a_network_of_its_own_survives_a_cable_that_is_pulled(service: Service) -> None:
    """For forty seconds packets go nowhere, longer than TCP is given; then everything is graded, nothing twice."""
    name = f"viva{os.getpid()}"
    ip("netns", "add", name)
    ip("link", "add", f"v{os.getpid()}", "type", "veth", "peer", "name", "eth0", "netns", name)
    process = None
    try:
        ip("addr", "add", "10.213.77.1/30", "dev", f"v{os.getpid()}")
        ip("link", "set", f"v{os.getpid()}", "up")
        ip("-n", name, "addr", "add", "10.213.77.2/30", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        with Line(service.database, "10.213.77.1") as line, service.client(service.key()) as client:
            process = subprocess.Popen(
                ["ip", "netns", "exec", name, sys.executable, "-m", "tests.service.frail_worker", line.url],
                stdin=subprocess.PIPE,
                cwd=ROOT,
            )
            client.wait(client.submit("f1_auc", SOURCE).id, 60)
            sent = [client.submit("f1_auc", f"{number}").id for number in range(3)]
            eventually(lambda: service.ask("SELECT count(*) FROM gradings WHERE state = 'running'")[0][0] > 0)
            ip("link", "set", f"v{os.getpid()}", "down")
            sent.append(client.submit("f1_auc", "while it was away").id)
            time.sleep(40)
            ip("link", "set", f"v{os.getpid()}", "up")
            back = time.monotonic()
            verdicts = [client.wait(one, 60).verdict for one in sent]
        assert time.monotonic() - back < 45
        assert [one and (one["status"], one["lost"] <= 1) for one in verdicts] == [("accepted", True)] * 4
        assert process.poll() is None
    finally:
        if process is not None:
            process.communicate(b"")
        ip("link", "del", f"v{os.getpid()}")
        ip("netns", "del", name)
