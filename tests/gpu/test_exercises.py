"""Every exercise that lists `cuda`, on a GPU: what is right is accepted, and what is wrong there alone is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.content.pack import builtin_pack_root, load_exercise
from grader.engine.engine import Engine
from grader.grading.grade import Options, grade
from grader.model.exercise import Exercise, Mutant
from grader.model.submission import Submission
from grader.model.verdict import Status
from grader.wiring import open_packs

EXERCISES = [
    exercise
    for exercise in (load_exercise(builtin_pack_root(), slug) for slug in open_packs()[0].slugs)
    if "cuda" in exercise.devices and exercise.status == "active"
]
RIGHT = [(exercise, path) for exercise in EXERCISES for path in (exercise.solution, *exercise.alternatives)]
ON_A_GPU = [(exercise, mutant) for exercise in EXERCISES for mutant in exercise.mutants if mutant.device == "cuda"]
FIRST_OF_A_TASK = [
    (exercise, next(mutant for mutant in exercise.mutants if mutant.task == task.id and mutant.device == "cpu"))
    for exercise in EXERCISES
    for task in exercise.tasks
    if any(mutant.task == task.id and mutant.device == "cpu" for mutant in exercise.mutants)
]


def graded(engine: Engine, exercise: Exercise, source: str, device: str = "cuda", *, diagnose: bool = False):
    """The verdict on a source."""
    submission = Submission(name="solution.py", source=source)
    return grade(exercise, submission, engine, Options(seed=11, device=device, diagnose=diagnose))


@pytest.mark.parametrize(("exercise", "path"), RIGHT, ids=[f"{one.id}-{path.stem}" for one, path in RIGHT])
def test_what_is_right_is_accepted_on_a_gpu(engine: Engine, exercise: Exercise, path: Path) -> None:
    """The reference and every alternative, with the tolerances of the manifest."""
    verdict = graded(engine, exercise, path.read_text(encoding="utf-8"))
    failed = [(case.id, case.message.en) for case in verdict.cases if case.status is not Status.ACCEPTED]
    assert (verdict.status, failed) == (Status.ACCEPTED, []), verdict.message
    assert verdict.versions["gpu"]
    assert "gpu-nodes" in verdict.isolation.layers


@pytest.mark.parametrize(("exercise", "mutant"), ON_A_GPU, ids=[f"{one.id}-{mutant.id}" for one, mutant in ON_A_GPU])
def test_what_is_wrong_on_a_gpu_alone_is_caught_and_named(engine: Engine, exercise: Exercise, mutant: Mutant) -> None:
    """By its own task, and by the diagnosis, which runs beside a stand-in; on the CPU it is right."""
    verdict = graded(engine, exercise, mutant.source, diagnose=True)
    assert verdict.status is not Status.ACCEPTED
    assert mutant.id in [named.mutant for named in verdict.diagnosis]
    assert graded(engine, exercise, mutant.source, "cpu").status is Status.ACCEPTED


@pytest.mark.parametrize(
    ("exercise", "mutant"), FIRST_OF_A_TASK, ids=[f"{one.id}-{mutant.id}" for one, mutant in FIRST_OF_A_TASK]
)
def test_other_mistakes_are_caught_as_on_the_cpu(engine: Engine, exercise: Exercise, mutant: Mutant) -> None:
    """One mutant of each task."""
    assert graded(engine, exercise, mutant.source).status is not Status.ACCEPTED
