"""Submissions that never end, in real boxes: told of at once, not waited for again and again, and never paid."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.engine.engine import Engine
from grader.engine.place import Place
from grader.engine.remote import RemoteEngine, end, launch
from grader.grading.grade import Options, grade
from grader.judge.job import Job
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Text
from grader.model.verdict import Status, Verdict
from tests.integration.conftest import write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

SUITE = '''
import pytest

@pytest.mark.parametrize("number", range(6))
@pytest.mark.task("first")
def test_first(candidate, number):
    """The probe says that it is done."""
    assert candidate.probe() == "done"

@pytest.mark.parametrize("number", range(3))
@pytest.mark.task("second")
def test_second(candidate, number):
    """The other function is fine.

    另一个函数没有问题。
    """
    assert candidate.other() == "fine"
'''
CASE_S = 1.0
LOOPS = "def probe():\n    while True:\n        pass\n"
FINE = "def other():\n    return 'fine'\n"
DONE = "def probe():\n    return 'done'\n"
P, T = Status.ACCEPTED, Status.TIME_LIMIT


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """Six cases of one task, three of another; a second for each, and far more for all than they could take."""
    limits = f"wall_s: 60, case_wall_s: {CASE_S}, cpu_s: 50, memory_mb: 128, processes: 8"
    return write_exercise(tmp_path_factory.mktemp("endless"), limits=limits, hidden=SUITE, solution=DONE + FINE)


def judged(engine: Engine, exercise: Exercise, source: str) -> Verdict:
    return grade(exercise, Submission(name="x.py", source=source), engine, Options(seed=1, diagnose=False))


def was_run(verdict: Verdict) -> list[bool]:
    return [not case.message.en.startswith("not run") for case in verdict.cases]


def test_a_loop_in_one_function_costs_its_own_points_alone(engine: Engine, exercise: Exercise) -> None:
    """Two of its cases are waited for; the other function's are all run."""
    verdict = judged(engine, exercise, LOOPS + FINE)
    assert [case.status for case in verdict.cases] == [T] * 6 + [P] * 3
    assert was_run(verdict) == [True] * 2 + [False] * 4 + [True] * 3
    assert (verdict.status, verdict.score) == (T, 1.0)
    assert "two cases of this task" in verdict.cases[2].message.en
    assert "两个用例超时" in verdict.cases[2].message.zh


def test_a_loop_in_everything_is_waited_for_three_times_at_most(engine: Engine, exercise: Exercise) -> None:
    """And earns nothing."""
    verdict = judged(engine, exercise, LOOPS + LOOPS.replace("probe", "other"))
    assert was_run(verdict) == [True] * 2 + [False] * 4 + [True] + [False] * 2
    assert {case.status for case in verdict.cases} == {T}
    assert (verdict.status, verdict.score) == (T, 0.0)
    assert verdict.resources.wall_ms < 1000 * (3 * CASE_S + 5)


def test_who_loops_now_and_then_is_run_whole(engine: Engine, exercise: Exercise) -> None:
    """Every second call never ends: what passed in between shows that it is not one loop."""
    sometimes = (
        "import os\nPLACE = '/tmp/called'\ndef probe():\n    if os.path.exists(PLACE):\n        os.remove(PLACE)\n"
    )
    sometimes += "        while True:\n            pass\n    open(PLACE, 'w').close()\n    return 'done'\n"
    verdict = judged(engine, exercise, sometimes + FINE)
    assert all(was_run(verdict))
    assert verdict.score == 1.0


def test_loops_hide_no_wrong_answer(engine: Engine, exercise: Exercise) -> None:
    """Who loops in two cases in order that the third is not asked has failed the third, and its task."""
    cheats = "calls = []\ndef probe():\n    while True:\n        pass\ndef other():\n    return 'wrong'\n"
    verdict = judged(engine, exercise, cheats)
    assert verdict.score == 0.0
    assert not [case for case in verdict.cases if case.status is P]


class _Heard:
    def __init__(self) -> None:
        self.said: list[tuple[Text, float, float]] = []

    def __call__(self, title: Text, seconds: float) -> None:
        self.said.append((title, seconds, time.monotonic()))


def _hears_once_and_early(engine: Engine | RemoteEngine, exercise: Exercise) -> None:
    engine.start(exercise)
    heard = _Heard()
    engine.judge(exercise, Job(source=LOOPS + LOOPS.replace("probe", "other"), seed=1, diagnose=False), late=heard)
    over = time.monotonic()
    ((title, seconds, at),) = heard.said
    assert title.en == "The probe says that it is done."
    assert seconds == pytest.approx(CASE_S, abs=0.6)
    assert over - at > CASE_S  # the next late case was still to come
    heard = _Heard()
    engine.judge(exercise, Job(source=DONE + FINE, seed=1, diagnose=False), late=heard)
    assert heard.said == []


def test_the_first_late_case_is_told_while_the_rest_goes_on(engine: Engine, exercise: Exercise) -> None:
    """Once a submission, with its title and how long it had."""
    _hears_once_and_early(engine, exercise)


def test_the_background_engine_tells_it_too(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the same connection, before the verdict."""
    monkeypatch.setenv("VIVA_RUNTIME", str(tmp_path / "runtime"))
    place = Place.of_user()
    launch(place, idle_s=60)
    try:
        with RemoteEngine(place) as remote:
            _hears_once_and_early(remote, exercise)
    finally:
        end(place)


def test_a_module_that_loops_while_it_loads_fails_every_case_at_once(engine: Engine, exercise: Exercise) -> None:
    """There is nothing to wait for twice, nor to announce."""
    heard = _Heard()
    judged = engine.judge(exercise, Job(source="while True:\n    pass\n", seed=1, diagnose=False), late=heard)
    assert {case["status"] for case in judged.cases} == {"time_limit"}
    assert heard.said == []
