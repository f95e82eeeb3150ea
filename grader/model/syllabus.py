"""What questions can be about, as areas of topics."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What questions can be about; `exercises` are slugs that belong to it, written or planned."""

    id: str
    title: Text
    about: Text
    exercises: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Topics that belong together; its id is the folder of their entries."""

    id: str
    title: Text
    topics: tuple[Topic, ...]
