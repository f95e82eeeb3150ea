"""Verdicts of a reference on many seeds: what is counted, and what is said of those that failed."""

from __future__ import annotations

from grader.grading.steadiness import steadiness
from grader.judge.job import Job
from grader.model.exercise import Exercise
from grader.wiring import open_exercise
from tests.fakes.engines import FakeEngine, FakeJudged, case

EXERCISE = open_exercise("f1_auc")
CASES = tuple(case(task.id) for task in EXERCISE.tasks)


class Unsteady:
    """Rejects the reference on some seeds."""

    def __init__(self, *seeds: int) -> None:
        self._seeds = seeds
        self.asked: list[int] = []

    def judge(self, exercise: Exercise, job: Job, *, late: object = None) -> FakeJudged:
        """What the engine of this seed says."""
        self.asked.append(job.seed)
        wrong = (case("ties", "wrong_answer"),) if job.seed in self._seeds else ()
        return FakeEngine((*CASES, *wrong)).judge(exercise, job)


def test_each_verdict_has_a_seed_of_its_own() -> None:
    """As many seeds are asked as verdicts are wanted, each once."""
    engine = Unsteady()
    found = steadiness(EXERCISE, engine, verdicts=12)
    assert (found.verdicts, found.failed, sorted(engine.asked)) == (12, (), list(range(1, 13)))


def test_a_seed_that_fails_is_named_with_its_case() -> None:
    """Whoever mends the suite can replay it."""
    found = steadiness(EXERCISE, Unsteady(3, 7), verdicts=8)
    assert [reason.split(":")[0] for reason in found.failed] == ["seed 3", "seed 7"]
    assert all("hidden::test_x: wrong_answer it is wrong" in reason for reason in found.failed)


def test_the_floor_is_a_time() -> None:
    """The cases of the reference were run, which takes milliseconds and not none."""
    assert 1 < steadiness(EXERCISE, Unsteady(), verdicts=1).floor_ms < 60_000
