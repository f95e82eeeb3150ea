"""What a folder remembers of the repair task that it is for, and what records tell about an exercise.

A folder holds `.viva.json`: the exercise, a digest that tells the mutant to us and to nobody who reads it, and the seed
that chose it, where one did. It is a help and no guard: a person who deletes it is told what the mistake is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from grader.files import read_text
from grader.model.exercise import Exercise
from grader.model.repair import Repair, exercise_of_key, planted_digest

STATE = ".viva.json"
SCHEMA = "viva.workspace/1"
MAX_BYTES = 64 * 1024


def state_of(repair: Repair, seed: int | None) -> str:
    """What the folder of a repair task remembers; `seed` is None where a person named the task."""
    digest = planted_digest(repair.exercise.id, repair.mutant.id)
    state = {"schema": SCHEMA, "exercise": repair.exercise.id, "planted": digest, "seed": seed}
    return json.dumps(state, indent=1) + "\n"


def repair_in(folder: Path, exercise: Exercise) -> Repair | None:
    """The repair task of `exercise` that a folder is for; None where it is for none, or its memory cannot be read."""
    try:
        state = json.loads(read_text(folder / STATE, MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(state, dict) or state.get("schema") != SCHEMA or state.get("exercise") != exercise.id:
        return None
    from grader.content.planted import repair_of_digest  # most folders are for none, and grading starts without it

    return repair_of_digest(exercise, str(state.get("planted")))


def has_seen_reference(slug: str, solved: Iterable[str]) -> bool:
    """Whether a person with these records solved an exercise, or mended a repair task of it."""
    return any(exercise_of_key(key) == slug for key in solved)
