"""What questions can be about, as areas of topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grader.model.text import Text

WEIGHTS: Final = range(1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What questions can be about; `exercises` are slugs that belong to it, written or planned.

    `weight` says how often it is asked, from 1 (seldom) to 5.
    """

    id: str
    title: Text
    weight: int
    about: Text
    exercises: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Topics that belong together; its id is the folder of their entries."""

    id: str
    title: Text
    topics: tuple[Topic, ...]
