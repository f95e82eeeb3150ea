"""How well the bank covers a topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model.entry import Kind, Level

LEVELS: tuple[Level, ...] = ("junior", "mid", "senior", "staff")
KINDS: tuple[Kind, ...] = ("open", "choice", "multi", "numeric", "order", "bug", "code")
SELF_GRADING: frozenset[Kind] = frozenset({"choice", "multi", "numeric", "order", "bug"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCoverage:
    """Numbers of active entries whose first topic this is.

    `lacks` names what the topic should have and has not: `open`, `self_grading`, or the slug of an exercise of the
    topic that no `code` entry links to.
    """

    area: str
    topic: str
    by_level: Mapping[Level, int]
    by_kind: Mapping[Kind, int]
    lacks: tuple[str, ...]

    @property
    def total(self) -> int:
        """All entries of the topic."""
        return sum(self.by_level.values())
