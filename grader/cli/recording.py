"""A verdict on a person's own work, kept in their progress: what is solved is solved, wherever that was."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from grader import wiring
from grader.cli.sentences import tell_aside
from grader.errors import GraderError
from grader.grading.own_modules import modules_beside
from grader.model.exercise import Exercise
from grader.model.progress import Solved
from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.practice.clock import SystemClock
from grader.practice.repairs import repair_in
from grader.practice.workspace import workspace_at
from grader.report.catalogue import say


def is_own_work(file: Path, exercise: Exercise) -> bool:
    """Whether `file` lies in a workspace of `exercise`: what others handed in does not."""
    workspace = workspace_at(file.parent)
    return workspace is not None and workspace.exercise == exercise.id


def modules_of_work(file: Path, exercise: Exercise) -> tuple[Path, ...]:
    """What a person's own solution imports of its folder; nothing where the folder is not known to be theirs alone."""
    return modules_beside(file, exercise) if is_own_work(file, exercise) else ()


def key_of_work(file: Path, exercise: Exercise) -> str:
    """What the work is kept under: the exercise, or the repair task that the folder is for."""
    repair = repair_in(file.parent, exercise)
    return repair.key if repair else exercise.id


def record(file: Path, exercise: Exercise, verdict: Verdict, data: Path | None, lang: Lang) -> bool:
    """Count the try, and that it was accepted; whether it was the first time that it was.

    A verdict is worth more than its record: where progress cannot be written, that is said on stderr.
    """
    if verdict.status is Status.JUDGE_ERROR or not is_own_work(file, exercise):
        return False
    key, now = key_of_work(file, exercise), SystemClock().now().astimezone(UTC)
    try:
        store = wiring.open_progress(data)
        store.note_try(key, verdict.score / verdict.max_score if verdict.max_score else 0.0, now)
        if verdict.status is not Status.ACCEPTED or key in store.solved():
            return False
        store.mark_solved(Solved(exercise=key, version=exercise.version, at=now))
    except GraderError as error:
        tell_aside(say("record.failed", lang, reason=error.said_in(lang)))
        return False
    return True
