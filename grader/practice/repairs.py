"""Which repair task a folder is for, and what records tell about an exercise."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from grader.model.exercise import Exercise
from grader.model.repair import Repair, exercise_of_key, planted_digest
from grader.practice.workspace import remembered, workspace_at


def state_of(repair: Repair, seed: int | None) -> str:
    """What the folder of a repair task remembers; `seed` is None where a person named the task."""
    slug = repair.exercise.id
    return remembered(slug, planted=planted_digest(slug, repair.mutant.id), seed=seed)


def repair_in(folder: Path, exercise: Exercise) -> Repair | None:
    """The repair task of `exercise` that a folder is for; None where it is for none, or its memory cannot be read."""
    workspace = workspace_at(folder)
    if workspace is None or workspace.planted is None or workspace.exercise != exercise.id:
        return None
    from grader.content.planted import repair_of_digest  # most folders are for none, and grading starts without it

    return repair_of_digest(exercise, workspace.planted)


def has_seen_reference(slug: str, solved: Iterable[str]) -> bool:
    """Whether a person with these records solved an exercise, or mended a repair task of it."""
    return any(exercise_of_key(key) == slug for key in solved)
