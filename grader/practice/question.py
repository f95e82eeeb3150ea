"""An entry made ready to be asked: numbers drawn, choices and steps shuffled, all from one seed."""

from __future__ import annotations

import hashlib
import math
import random
import re
from dataclasses import dataclass

from grader.content.numeric import instantiate
from grader.content.planted import repair_of_entry
from grader.model.entry import BugEntry, ChoiceEntry, CodeEntry, Entry, NumericEntry, OpenEntry, OrderEntry
from grader.model.exercise import Exercise
from grader.model.repair import Repair
from grader.model.text import Text

WAYS = ("pick", "mark", "type", "order", "write", "solve")
_MARKED_LINE = re.compile(r"^Lines? \((\d+)\)")
HINT_PRICE, MOST_PAID = 0.1, 0.5  # each hint costs a tenth of what was earned, and never more than half


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice or step, in the place where it is shown."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked.

    `way` says how it is answered: `pick` one option, `mark` some, `type` a number, put options in `order`, `write`
    freely, or `solve` an exercise, of which a `repair` task has the code already. `due` tells an entry that came back
    from a new one. `number` counts from 1; `total` is 0 where nobody knows how many there will be.
    """

    entry: Entry
    way: str
    seed: int
    options: tuple[Option, ...] = ()
    hints: tuple[Text, ...] = ()
    exercise: Exercise | None = None
    repair: Repair | None = None
    due: bool = False
    number: int = 1
    total: int = 0

    @property
    def chance(self) -> float:
        """The probability that a blind guess is right."""
        count = len(self.options)
        if self.way == "pick":
            return 1 / count
        if self.way == "mark":
            return 1 / (2.0**count - 1)
        return 1 / math.factorial(count) if self.way == "order" else 0.0


def pose(entry: Entry, seed: int, exercise: Exercise | None = None) -> Question:
    """The question that `entry` makes with `seed`: the same on every machine.

    Raises ContentError for a repair task whose exercise lacks the mutant. A repair task has the hints of its entry
    alone: those of the exercise help to write what is there already.
    """
    own = int.from_bytes(hashlib.sha256(f"{seed}:{entry.id}".encode()).digest()[:6])
    if isinstance(entry, NumericEntry):
        entry = instantiate(entry, own)
    hints, repair = entry.hints, None
    if exercise is not None and isinstance(entry, BugEntry) and entry.mutant is not None:
        repair = repair_of_entry(exercise, entry)
    elif exercise is not None:
        hints += tuple(hint.text for hint in exercise.hints)
    return Question(
        entry=entry,
        way=_way(entry),
        seed=own,
        options=_options(entry, own),
        hints=hints,
        exercise=exercise,
        repair=repair,
    )


def price(hints: int) -> float:
    """The share of an earned score that so many hints cost."""
    return min(MOST_PAID, HINT_PRICE * hints)


def _way(entry: Entry) -> str:
    match entry:
        case ChoiceEntry():
            return "mark" if entry.kind == "multi" else "pick"
        case NumericEntry():
            return "type"
        case OrderEntry():
            return "order"
        case BugEntry(exercise=None):
            return "pick"
        case BugEntry() | CodeEntry():
            return "solve"
        case OpenEntry():
            return "write"
    raise AssertionError(f"nobody can answer an entry of kind {entry.kind}")


def _line_of(option: Option) -> int:
    """The number of the marked line that an option is about; 0 where it is about none."""
    found = _MARKED_LINE.search(option.text.en)
    return int(found[1]) if found else 0


def _options(entry: Entry, seed: int) -> tuple[Option, ...]:
    """Choices in an order that tells nothing: that of the lines they name, if any; steps never in the right one."""
    draw = random.Random(seed)  # noqa: S311 - no secret depends on it
    if isinstance(entry, ChoiceEntry | BugEntry):
        options = [Option(id=choice.id, text=choice.text) for choice in entry.choices]
        draw.shuffle(options)
        return tuple(sorted(options, key=_line_of) if all(map(_line_of, options)) else options)
    if not isinstance(entry, OrderEntry):
        return ()
    right = [Option(id=step.id, text=step.text) for step in entry.steps]
    options = list(right)
    while options == right:
        draw.shuffle(options)
    return tuple(options)
