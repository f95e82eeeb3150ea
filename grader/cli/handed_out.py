"""The code that a workspace begins with: the stub, or what a repair task plants, in the workspace's language."""

from __future__ import annotations

from typing import get_args

from grader.content.planted import planted_source
from grader.content.yaml_source import read_prose
from grader.model.exercise import Exercise
from grader.model.repair import Repair
from grader.model.text import Lang
from grader.sessions.one_language import in_language


def given_source(exercise: Exercise, repair: Repair | None, lang: Lang) -> str:
    """The `solution.py` of a new workspace; it names the statement as the workspace does."""
    return in_language(_as_kept(exercise, repair), lang)


def given_sources(exercise: Exercise, repair: Repair | None) -> tuple[str, ...]:
    """Every form of it: a folder does not say in which language it was made, and older ones have the file as kept."""
    kept = _as_kept(exercise, repair)
    return (kept, *(in_language(kept, lang) for lang in get_args(Lang)))


def _as_kept(exercise: Exercise, repair: Repair | None) -> str:
    return planted_source(repair) if repair else read_prose(exercise.stub)
