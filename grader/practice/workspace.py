"""What a folder that `viva start` made remembers, so that commands inside it need not be told.

It holds `.viva.json`: the exercise, and for a repair task a digest that tells the mutant to us and to nobody who reads
it, with the seed that chose it, where one did. It names no pack: a folder may come from a stranger, and what a pack
holds is run as ours. It is a help and no guard: a person who deletes
it names the exercise again, and is told what the planted mistake is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.files import read_text

STATE = ".viva.json"
SOLUTION = "solution.py"
SCHEMA = "viva.workspace/1"
MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A folder to work in; `planted` is the digest of the mutant to mend."""

    folder: Path
    exercise: str
    planted: str | None = None

    @property
    def solution(self) -> Path:
        """The file that is graded."""
        return self.folder / SOLUTION


def remembered(exercise: str, *, planted: str | None = None, seed: int | None = None) -> str:
    """What a new folder is given to remember."""
    state: dict[str, Any] = {"schema": SCHEMA, "exercise": exercise}
    if planted is not None:
        state |= {"planted": planted, "seed": seed}
    return json.dumps(state, indent=1, ensure_ascii=False) + "\n"


def workspace_at(folder: Path) -> Workspace | None:
    """The workspace in exactly this folder; None where there is none, or its memory cannot be read."""
    try:
        state = json.loads(read_text(folder / STATE, MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(state, dict) or state.get("schema") != SCHEMA or not isinstance(state.get("exercise"), str):
        return None
    planted = state.get("planted")
    return Workspace(
        folder=folder,
        exercise=state["exercise"],
        planted=planted if isinstance(planted, str) else None,
    )


def workspace_around(folder: Path) -> Workspace | None:
    """The workspace of this folder or of the nearest one above it."""
    places = (folder, *folder.resolve().parents)
    return next((found for place in places if (found := workspace_at(place)) is not None), None)
