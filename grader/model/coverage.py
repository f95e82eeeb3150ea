"""How well the bank covers a topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.model.entry import Kind, Level

LEVELS: tuple[Level, ...] = ("junior", "mid", "senior", "staff")
KINDS: tuple[Kind, ...] = ("open", "choice", "multi", "numeric", "order", "bug", "code")
ENTRIES_PER_WEIGHT: Final = 2
SELF_GRADING: frozenset[Kind] = frozenset({"choice", "multi", "numeric", "order", "bug"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCoverage:
    """Numbers of active entries whose first topic this is.

    `lacks` names what the topic should have and has not: `open`, `self_grading`, or the slug of an exercise of the
    topic that no `code` entry links to.
    """

    area: str
    topic: str
    weight: int
    by_level: Mapping[Level, int]
    by_kind: Mapping[Kind, int]
    lacks: tuple[str, ...]

    @property
    def wanted(self) -> int:
        """How many entries it should have: a topic that is asked more needs more of them."""
        return ENTRIES_PER_WEIGHT * self.weight

    @property
    def short(self) -> int:
        """How many entries it lacks."""
        return max(0, self.wanted - self.total)

    @property
    def total(self) -> int:
        """All entries of the topic."""
        return sum(self.by_level.values())


def weight_with(covered: Sequence[TopicCoverage], entries: int) -> float:
    """The share of all topics' weight that has at least so many entries; 1 where there is no topic."""
    total = sum(one.weight for one in covered)
    return sum(one.weight for one in covered if one.total >= entries) / total if total else 1.0


def by_need(covered: Iterable[TopicCoverage]) -> list[TopicCoverage]:
    """Topics that are short of entries: what is asked most first, then what lacks most."""
    return sorted((one for one in covered if one.short), key=lambda one: (-one.weight, -one.short, one.topic))
