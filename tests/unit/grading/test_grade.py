"""From outcomes to a verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import BoxError, JudgeError
from grader.grading.grade import Options, grade, grade_all
from grader.grading.intake import admit
from grader.model.submission import Submission
from grader.model.verdict import Outcome, Status, fold_status
from grader.wiring import open_exercise
from tests.fakes.engines import FakeEngine, case

EXERCISE = open_exercise("f1_auc")
TASKS = [task.id for task in EXERCISE.tasks]
SUBMISSION = Submission(name="mine.py", source="x = 1\n")


def outcome(status: Status) -> Outcome:
    """An outcome with this status."""
    return Outcome(id="hidden::t", task="a", visibility="hidden", title="t", status=status, duration_ms=0.0)


def test_all_cases_passed_is_accepted_with_full_marks() -> None:
    """A submission whose every case passed is accepted and gets every point."""
    verdict = grade(EXERCISE, SUBMISSION, FakeEngine(tuple(map(case, TASKS))), Options())
    assert (verdict.status, verdict.score) == (Status.ACCEPTED, EXERCISE.max_score)


def test_one_failed_case_costs_its_task_only() -> None:
    """A task with one failed case earns nothing, the others keep their points."""
    cases = (*map(case, TASKS), case("ties", "wrong_answer"))
    verdict = grade(EXERCISE, SUBMISSION, FakeEngine(cases), Options())
    assert {task.id: task.score for task in verdict.tasks} == {
        task.id: 0.0 if task.id == "ties" else task.points for task in EXERCISE.tasks
    }
    assert verdict.status is Status.WRONG_ANSWER


def test_a_task_without_cases_earns_nothing() -> None:
    """A task that no case belongs to gives no points, so an empty suite proves nothing."""
    verdict = grade(EXERCISE, SUBMISSION, FakeEngine((case("binary"),)), Options())
    assert verdict.score == 1.0


def test_fewer_cases_than_collected_is_our_error() -> None:
    """A judge that stopped early gives no verdict on the candidate."""
    verdict = grade(EXERCISE, SUBMISSION, FakeEngine(tuple(map(case, TASKS)), expected=99), Options())
    assert (verdict.status, verdict.score, verdict.tasks) == (Status.JUDGE_ERROR, 0, ())


@pytest.mark.parametrize("error", [BoxError("no seccomp"), JudgeError("died")])
def test_a_failure_of_ours_is_judge_error(error: Exception) -> None:
    """What goes wrong on our side is in the verdict as ours, with its message."""
    verdict = grade(EXERCISE, SUBMISSION, FakeEngine(error=error), Options())
    assert (verdict.status, verdict.message) == (Status.JUDGE_ERROR, str(error))


def test_a_rejection_never_reaches_the_engine() -> None:
    """A submission that intake refused is rejected without being run."""
    engine = FakeEngine()
    verdict = grade(EXERCISE, admit("x.py", b"def f(:", EXERCISE), engine, Options())
    assert verdict.status is Status.REJECTED
    assert "syntax" in verdict.message
    assert engine.jobs == []


def test_a_rejection_speaks_the_language_asked_for() -> None:
    """The message of a rejection is in Chinese where Chinese was asked for."""
    verdict = grade(EXERCISE, admit("x.py", b"", EXERCISE), FakeEngine(), Options(lang="zh"))
    assert "请" in verdict.message


def test_a_dynamic_rejection_shows_no_cases() -> None:
    """A module that turned out not to define its entry point is rejected, with the reason and without cases."""
    cases = tuple(case(task, "rejected") for task in TASKS)
    verdict = grade(EXERCISE, SUBMISSION, FakeEngine(cases), Options())
    assert (verdict.status, verdict.cases, verdict.message) == (Status.REJECTED, (), "it is wrong")


def test_the_seed_is_drawn_anew_unless_given() -> None:
    """Two verdicts draw different seeds; a given seed is used and recorded."""
    engine = FakeEngine((case("binary"),))
    grade(EXERCISE, SUBMISSION, engine, Options())
    grade(EXERCISE, SUBMISSION, engine, Options())
    replayed = grade(EXERCISE, SUBMISSION, engine, Options(seed=7))
    assert engine.jobs[0].seed != engine.jobs[1].seed
    assert (engine.jobs[2].seed, replayed.seed) == (7, 7)


def test_a_mutant_becomes_a_diagnosis() -> None:
    """The name of a mutant that matches is turned into its title and advice."""
    mutant = EXERCISE.mutants[0]
    engine = FakeEngine((case("binary", "wrong_answer"),), mutants=(mutant.id,))
    verdict = grade(EXERCISE, SUBMISSION, engine, Options())
    assert [(d.mutant, d.title, d.advice) for d in verdict.diagnosis] == [(mutant.id, mutant.title, mutant.advice)]


def test_verdicts_come_in_the_order_of_submissions() -> None:
    """However many are graded at a time, the order is that of the submissions."""
    submissions = [Submission(name=str(n), source=f"x = {n}") for n in range(20)]
    verdicts = grade_all(EXERCISE, submissions, FakeEngine((case("binary"),)), Options(), jobs=4)
    assert [verdict.submission for verdict in verdicts] == [s.name for s in submissions]


@given(st.lists(st.sampled_from(Status)))
def test_accepted_means_every_case(statuses: list[Status]) -> None:
    """The fold is accepted exactly when there are outcomes and all of them are."""
    folded = fold_status([outcome(status) for status in statuses])
    assert (folded is Status.ACCEPTED) == (bool(statuses) and set(statuses) == {Status.ACCEPTED})


@given(st.lists(st.sampled_from(Status), min_size=1))
def test_our_failure_is_never_charged(statuses: list[Status]) -> None:
    """One failure of ours makes the whole a judge error."""
    folded = fold_status([outcome(status) for status in statuses])
    assert (folded is Status.JUDGE_ERROR) == (Status.JUDGE_ERROR in statuses)


@given(st.lists(st.sampled_from([s for s in Status if s is not Status.JUDGE_ERROR]), min_size=1))
def test_the_first_failure_names_the_whole(statuses: list[Status]) -> None:
    """The status is that of the first case that did not pass."""
    folded = fold_status([outcome(status) for status in statuses])
    assert folded is next((s for s in statuses if s is not Status.ACCEPTED), Status.ACCEPTED)
