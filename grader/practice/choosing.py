"""Which entry comes next.

What is due comes first, the most endangered before others, and every third question is a new one as long as there are
any. Among new entries the best is the one that tells most about the person per minute while being right for practice:
hard enough to learn from and likely enough to go well. A topic that interviews ask more is drawn more. Topics that were
just asked about step back, and kinds a little.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from grader.model.entry import Kind, Level
from grader.model.progress import Ability, Aim, Memory
from grader.practice import ability, aims
from grader.practice.ports import Head
from grader.practice.schedule import recall

TARGET, TOLERANCE = 0.75, 0.15  # the success that practice aims at
DUE_IN_A_ROW = 2
SHORT_MINUTES = 6.0  # up to here an entry's length is no argument against it
JITTER = 0.05  # two people with the same history need not meet the same entries
SAME_KIND = 0.15  # short kinds tell more per minute; without this, answers in words would hardly ever be asked
USUAL_WEIGHT = 3  # of a topic of which nothing is said
LEAST = 0.02  # an entry far from the target is unlikely, not impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries may be asked: empty means any, None of `ids` too.

    A topic may be an area too, or the word before topics' dots.
    """

    topics: frozenset[str] = frozenset()
    levels: frozenset[Level] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    areas: Mapping[str, str] = field(default_factory=dict)  # area by topic
    ids: frozenset[str] | None = None

    def admits(self, head: Head) -> bool:
        """Whether this entry may be asked."""
        return (
            (self.ids is None or head.id in self.ids)
            and (not self.topics or any(self.topics & self._names(topic) for topic in head.topics))
            and (not self.levels or head.level in self.levels)
            and (not self.kinds or head.kind in self.kinds)
        )

    def _names(self, topic: str) -> frozenset[str]:
        """What a topic may be called."""
        return frozenset({topic, topic.partition(".")[0], self.areas.get(topic, topic)})


def due_order(heads: Iterable[Head], memories: Mapping[str, Memory], today: date) -> list[Head]:
    """Entries that are due, the one most likely forgotten first."""
    due = [head for head in heads if head.id in memories and memories[head.id].due <= today]
    return sorted(due, key=lambda head: (recall(memories[head.id], today), head.id))


def choose(
    heads: Sequence[Head],
    beliefs: Mapping[str, Ability],
    recent: Sequence[Head],
    draw: random.Random,
    aim: Aim | None = None,
    weights: Mapping[str, int] = MappingProxyType({}),
) -> Head:
    """The best of `heads` (not empty) for this person and aim.

    `recent` are entries just asked; `weights` say how often a topic is asked in interviews, from 1 to 5.
    """
    crowd = Counter(head.topics[0] for head in recent)
    kinds = Counter(head.kind for head in recent)
    informed = aims.informed(beliefs, aim)

    def worth(head: Head) -> float:
        varied = 1 / (1 + SAME_KIND * kinds[head.kind])
        wanted = varied * aims.worth(aim, head.topics[0]) * asked(head.topics[0], weights)
        return suitability(head, informed) * _apart(head, crowd) * wanted * (1 + JITTER * draw.random())

    return max(sorted(heads, key=lambda head: head.id), key=worth)


def suitability(head: Head, beliefs: Mapping[str, Ability]) -> float:
    """How much practising `head` now is worth: information per minute, near the success that is aimed at."""
    mean, variance = ability.belief(beliefs, head.topics[0])
    success = ability.expected_success(mean, variance, head.difficulty)
    near = math.exp(-(((success - TARGET) / TOLERANCE) ** 2) / 2)
    told = ability.information(mean, variance, head.difficulty)
    return (LEAST + near) * math.sqrt(told * min(1.0, SHORT_MINUTES / head.minutes))


def asked(topic: str, weights: Mapping[str, int]) -> float:
    """How much more a question is worth because interviews ask about its topic: from 1/2 to 3/2."""
    return (weights.get(topic, USUAL_WEIGHT) + 1) / (USUAL_WEIGHT + 1)


def _apart(head: Head, crowd: Counter[str]) -> float:
    """Less for a topic, and a little less for an area, that was just asked about."""
    topic = head.topics[0]
    area = topic.partition(".")[0]
    near = sum(count for other, count in crowd.items() if other.partition(".")[0] == area)
    return 1 / (1 + 1.5 * crowd[topic] + 0.3 * near)
