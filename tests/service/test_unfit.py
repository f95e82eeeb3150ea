"""A machine that cannot judge takes nothing, and leaves what it took to others: nobody gets `judge_error` for it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from grader.box.bubblewrap import find
from grader.database.connection import open_pool
from grader.database.gradings import Gradings
from grader.database.queue import AWAY, Queue
from grader.errors import BoxError, StoreError
from grader.judge.job import Job
from grader.model.exercise import Exercise
from grader.model.service import Claim
from grader.service.carrying import Carrier, UnfitError
from grader.service.submitting import version_of
from grader.worker.judging import EngineJudging
from grader.worker.suites import Suites
from tests.fakes.absent import without_torch
from tests.fakes.engines import FakeEngine, FakeJudged, case
from tests.service.command import served
from tests.service.running import EXERCISES, Service, StandIn, made, with_gradings

ROOT = Path(__file__).parents[2]
WITHOUT_BWRAP = f"mount --bind /dev/null '{find()[0]}' && exec \"$@\""  # in a mount namespace of its own
PROBE = EXERCISES["f1_auc"]
SOLUTION = PROBE.solution.read_bytes()
STUB = PROBE.stub.read_text("utf-8")


class Ill:
    """An engine that fails where `fails` says so of a source, and judges else."""

    def __init__(self, fails: Callable[[str], bool]) -> None:
        self.fails = fails
        self._well = FakeEngine((case("binary"),))

    def judge(self, exercise: Exercise, job: Job, *, late: object = None) -> FakeJudged:
        """As one that lacks a layer of its boxes."""
        if self.fails(job.source):
            raise BoxError("the layer landlock is missing: the kernel has none")
        return self._well.judge(exercise, job, late=late)


def judging(fails: Callable[[str], bool]) -> EngineJudging:
    """One lane over such an engine."""
    suites = Suites({PROBE.id: PROBE}, None, lambda _suite: True, "cpu")  # type: ignore[arg-type]
    return EngineJudging(Ill(fails), suites, 1, PROBE)


@pytest.fixture
def claim() -> Claim:
    """A claim on a submission of the exercise."""
    fields: dict[str, Any] = {"grading": uuid4(), "submission": uuid4(), "tenant": uuid4(), "attempt": 1, "lost": 0}
    fields |= {"of": version_of(PROBE), "name": "solution.py", "source": SOLUTION, "modules": None, "device": "cpu"}
    fields |= {"feedback": "full", "seed": 7, "traceparent": None, "asked": None}
    return Claim(**fields)


def test_a_failure_is_one_of_the_machine_where_the_probe_fails_too(claim: Claim) -> None:
    """Then there is no verdict: the layer that is missing is named, with what to do."""
    with pytest.raises(UnfitError, match=r"landlock is missing.*viva doctor"):
        asyncio.run(judging(lambda _source: True).judge(claim))


def test_a_failure_is_the_verdict_where_the_probe_is_judged(claim: Claim) -> None:
    """A submission that its judge does not survive, say; the log is told why."""
    found = asyncio.run(judging(lambda source: source != STUB).judge(claim))
    assert found.status == "judge_error"
    assert "landlock is missing" in found.reason
    assert "landlock is missing" in json.loads(found.document)["message"]


def test_a_failure_that_passes_is_none_of_the_machine() -> None:
    """A neighbor that takes all of it for a moment, say: the probe is tried again."""
    tried: list[str] = []
    judging(lambda source: len(tried) < 2 and not tried.append(source)).require_fit()
    assert tried == [STUB, STUB]


def unfit(_claim: Claim) -> Any:
    """Judge nothing, as a machine without boxes."""
    raise UnfitError("this worker cannot grade", "该工作进程无法判题")


@pytest.mark.parametrize(("machines", "status", "lost"), [(1, "accepted", 1), (3, "judge_error", None)])
def test_what_an_unfit_machine_took_is_left_to_others(
    service: Service, machines: int, status: str, lost: int | None
) -> None:
    """It gets another's verdict; what makes one machine after the other unfit ends like any poison."""
    with service.client(service.key()) as client:
        client.submit("f1_auc", "x = 1")
    stopped: list[str] = []

    async def carry(gradings: Gradings, _queue: Queue) -> Carrier:
        (grading,) = [row[0] for row in service.ask("SELECT id FROM gradings")]
        for number in range(machines):
            ill = Carrier(gradings, StandIn(unfit), f"ill {number}", AWAY, stop=lambda: stopped.append("told"))
            await ill.carry_out(grading)
            assert ill.unfit is not None
            assert ill.tally.verdicts == 0
            assert service.ask("SELECT state FROM gradings") == [("running",)]
        well = Carrier(gradings, StandIn(lambda one: made(lost=one.lost)), "well", AWAY)
        await well.carry_out(grading)
        return well

    assert with_gradings(service, carry).tally.verdicts == 1
    assert stopped == ["told"] * machines
    ((found, document),) = service.ask("SELECT status, document FROM verdicts")
    assert found == status
    assert json.loads(document).get("lost") == lost


def test_a_worker_that_can_build_no_box_does_not_begin(service: Service) -> None:
    """One sentence and status 2; what waits goes on waiting."""
    with service.client(service.key()) as client:
        client.submit("f1_auc", "x = 1")
    worker = [sys.executable, "-m", "grader", "worker", "--lanes", "1", "--exercise", "f1_auc", "--lang", "en"]
    alone = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    done = subprocess.run(
        ["unshare", *alone, "sh", "-c", WITHOUT_BWRAP, "sh", *worker, "--database", service.database],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    said = done.stderr.strip().splitlines()
    assert said[0].startswith("viva: this worker cannot grade:"), said
    assert "Traceback" not in done.stderr
    assert service.ask("SELECT state, attempt FROM gradings") == [("queued", 0)]


def without(folder: Path) -> dict[str, str]:
    """The environment of a process that has no torch."""
    return {**os.environ, "PYTHONPATH": f"{without_torch(folder / 'site')}:{ROOT}", "VIVA_HOME": str(folder / "home")}


def test_a_worker_that_is_asked_for_what_it_lacks_does_not_begin(service: Service, tmp_path: Path) -> None:
    """By name, or where nothing else is left: one sentence that says what to install."""
    environment = without(tmp_path)
    for asked in (("--exercise", "rope", "--exercise", "f1_auc"), ("--environment", "torch")):
        command = [sys.executable, "-m", "grader", "worker", *asked, "--database", service.database, "--lang", "en"]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].endswith("run `pip install 'vivavoce[torch]'`"), done.stderr


@pytest.mark.slow
def test_a_service_without_torch_grades_the_rest(place: Path) -> None:
    """What the extra `service` alone installs serves all that needs no torch, and says what is missing."""
    environment = without(place)
    with served(place / "data", place / "log", **environment) as (client, said):
        assert "exercises need torch: `pip install 'vivavoce[torch]'`" in said
        verdict = client.submit("f1_auc", SOLUTION.decode(), wait_s=60).verdict
        waiting = client.submit("rope", EXERCISES["rope"].solution.read_text("utf-8")).id
        assert verdict is not None
        assert verdict["status"] == "accepted"
        assert client.get(waiting).state == "queued"


def test_a_database_that_cannot_hold_chinese_is_refused(postgresql: str) -> None:
    """With what to do instead; it would fail at the first statement otherwise."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE DATABASE viva_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    url = psycopg.conninfo.make_conninfo(postgresql, dbname="viva_ascii")
    with pytest.raises(StoreError, match=r"encoded as SQL_ASCII.*ENCODING 'UTF8'"):
        asyncio.run(open_pool(url, 1))


def test_a_machine_without_an_exercise_of_its_own_is_not_tried() -> None:
    """Where all suites come from the database there is nothing to try with; what it judges tells."""
    suites = Suites({}, None, lambda _suite: True, "cpu")  # type: ignore[arg-type]
    EngineJudging(Ill(lambda _source: True), suites, 1, None).require_fit()
