"""An entry of the bank as it was read from a pack, frozen; one class for each way of answering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from grader.model.exercise import Source
from grader.model.text import NOTHING, Text

Kind = Literal["open", "choice", "multi", "numeric", "order", "bug", "code"]
Level = Literal["junior", "mid", "senior", "staff"]
Lifecycle = Literal["draft", "active", "retired"]
Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that an interviewer listens for.

    The weights of an entry's criteria sum to 1. `accept` are regular expressions that hint at it in a typed answer.
    """

    id: str
    weight: float
    text: Text
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What to ask next, after a strong or after a weak answer."""

    when: Literal["strong", "weak"]
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to pick; `why` says why it is wrong (or right), and only a right one may lack it."""

    id: str
    correct: bool
    text: Text
    why: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an order."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric:
    """A number to find: right when `|given - value| <= atol + rtol * |value|`, given in `unit`.

    The unit is as a person types it, in either language; a symbol such as GiB is the same in both, and empty is none.
    """

    value: Number
    rtol: float
    atol: float
    unit: Text = NOTHING

    def accepts(self, given: float) -> bool:
        """Is `given` close enough? A value that is not finite never is."""
        return abs(given - self.value) <= self.atol + self.rtol * abs(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericTemplate:
    """A number to compute by `formula`; `parameters` maps each name to the values that a seed may draw for it."""

    formula: str
    parameters: Mapping[str, tuple[Number, ...]]
    rtol: float
    atol: float
    unit: Text = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every kind of question has.

    `path` is the file that it came from and `digest` the SHA-256 of its bytes, so that a session can tell that a
    question has changed since. A text of a draft may be empty in one language; an active entry has both.
    """

    id: str
    revision: int
    status: Lifecycle
    kind: Kind
    topics: tuple[str, ...]
    level: Level
    difficulty: int
    minutes: int
    title: Text
    prompt: Text
    answer: Text
    red_flags: tuple[Text, ...]
    follow_ups: tuple[FollowUp, ...]
    hints: tuple[Text, ...]
    sources: tuple[Source, ...]
    license: str
    verified: date
    path: Path
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEntry(Entry):
    """Answered in words, judged by a person with the rubric."""

    rubric: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceEntry(Entry):
    """Answered by picking: exactly one is right where `kind` is `choice`, at least one where it is `multi`."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericEntry(Entry):
    """Answered by a number; with a template, made concrete by a seed before it is shown."""

    numeric: Numeric | NumericTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry(Entry):
    """Answered by putting steps in order; they are kept in the right one."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BugEntry(Entry):
    """Code with one defect: found by picking its place (`choices`), or planted in an exercise and mended there.

    A repair task has both `exercise` and `mutant` and no choices; the code is the mutant's.
    """

    rubric: tuple[Criterion, ...]
    choices: tuple[Choice, ...]
    exercise: str | None
    mutant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry(Entry):
    """Answered by solving an exercise, and talked over with the rubric."""

    rubric: tuple[Criterion, ...]
    exercise: str
