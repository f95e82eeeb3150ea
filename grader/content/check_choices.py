"""Whether the choices of a bank give their answers away: by their length, or by the place of the right one.

Over many questions, a person who always takes the longest choice (or always the second) should do no better than
chance. How likely a share is by chance is computed exactly, from each question's own chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from grader.markup import dialect
from grader.model.entry import BugEntry, Choice, ChoiceEntry, Entry
from grader.model.text import Lang

_LANGUAGES: Final[tuple[Lang, ...]] = ("en", "zh")
RARE: Final = 0.01  # a share that chance reaches less often than this is worth a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of `total` questions; chance would give `expected`, and as many or more with `probability`.

    `ids` are the entries that make the count.
    """

    name: str
    ids: tuple[str, ...]
    total: int
    expected: float
    probability: float

    @property
    def count(self) -> int:
        """How many of the questions."""
        return len(self.ids)

    @property
    def is_suspicious(self) -> bool:
        """Whether chance alone hardly gives this."""
        return self.probability < RARE

    def __str__(self) -> str:
        share = 0 if not self.total else 100 * self.count / self.total
        chance = f"chance {self.expected:.1f}, as many or more with probability {self.probability:.2g}"
        return f"{self.name}: {self.count} of {self.total} ({share:.0f}%; {chance})"


def measure_choices(entries: Iterable[Entry]) -> tuple[Share, ...]:
    """By language, how often the longest and the shortest choice is right; and each place of the right one."""
    asked = [_Asked(one.id, one.choices) for one in entries if isinstance(one, ChoiceEntry | BugEntry) and one.choices]
    by_length = [_extreme(asked, lang, sign) for lang in _LANGUAGES for sign in (1, -1)]
    single = [one for one in asked if one.right == 1]
    return (*by_length, *_places(single))


def at_least(count: int, chances: Sequence[float]) -> float:
    """The probability that `count` or more of independent events happen, which have these chances."""
    spread = [1.0]
    for chance in chances:
        longer = [0.0] * (len(spread) + 1)
        for number, weight in enumerate(spread):
            longer[number] += weight * (1 - chance)
            longer[number + 1] += weight * chance
        spread = longer
    return min(sum(spread[count:]), 1.0)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The choices of one entry."""

    id: str
    choices: Sequence[Choice]

    @property
    def right(self) -> int:
        return sum(choice.correct for choice in self.choices)


def _extreme(asked: Sequence[_Asked], lang: Lang, sign: int) -> Share:
    """How often the longest (`sign` 1) or the shortest (-1) choice is right; ties are no longest one."""
    hits, chances = [], []
    for one in asked:
        lengths = [sign * _length(choice, lang) for choice in one.choices]
        best = max(lengths)
        if lengths.count(best) > 1:
            continue
        hits += [one.id] if one.choices[lengths.index(best)].correct else []
        chances.append(one.right / len(one.choices))
    name = f"the {'longest' if sign > 0 else 'shortest'} choice is right ({lang})"
    return _share(name, hits, chances)


def _places(asked: Sequence[_Asked]) -> list[Share]:
    shares = []
    for place in range(max((len(one.choices) for one in asked), default=0)):
        long_enough = [one for one in asked if len(one.choices) > place]
        hits = [one.id for one in long_enough if one.choices[place].correct]
        shares.append(
            _share(f"the right choice is number {place + 1}", hits, [1 / len(one.choices) for one in long_enough])
        )
    return shares


def _share(name: str, ids: Sequence[str], chances: Sequence[float]) -> Share:
    probability = at_least(len(ids), chances)
    return Share(name=name, ids=tuple(ids), total=len(chances), expected=sum(chances), probability=probability)


def _length(choice: Choice, lang: Lang) -> int:
    """Characters that a reader sees, code included."""
    return len("".join(token.content for token in dialect.parse(choice.text.get(lang)) if token.type == "inline"))
