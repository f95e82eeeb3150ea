"""What practice needs of the outside: somewhere to keep progress, and entries to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from grader.model.entry import Entry, Kind, Level
from grader.model.exercise import Exercise
from grader.model.progress import Ability, Aim, Answered, Attempt, Memory, Solved

Update = Callable[[Answered, Memory | None, Mapping[str, Ability]], tuple[Memory, Mapping[str, Ability]]]


class ProgressStore(Protocol):
    """Keeps progress. Each writing method is one transaction: it happens as a whole or not at all."""

    def answers(self) -> list[Answered]:
        """The whole history, oldest first."""

    def memories(self) -> dict[str, Memory]:
        """What is remembered, by entry."""

    def abilities(self) -> dict[str, Ability]:
        """Beliefs about ability, by topic."""

    def solved(self) -> dict[str, Solved]:
        """Exercises that were accepted by slug, and repair tasks that were mended by key."""

    def record(self, answered: Answered, update: Update) -> Memory:
        """Append an answer, and store what `update` makes of it and of what is stored now; the new memory."""

    def merge(self, answers: Iterable[Answered], solved: Iterable[Solved], update: Update) -> int:
        """Put answers into the history, in the place of those with their uid, and make everything else from it again.

        Returns how many were not there before.
        """

    def mark_solved(self, solved: Solved) -> None:
        """Note that an exercise was accepted; the first time counts."""


class AttemptStore(Protocol):
    """Keeps what was done about an exercise or an entry before there is an answer. Each writing is one transaction."""

    def attempts(self) -> dict[str, Attempt]:
        """All attempts, by name."""

    def note_try(self, name: str, share: float, at: datetime) -> None:
        """Count a verdict on an exercise, with its share of the points."""

    def set_hints(self, name: str, hints: int, at: datetime) -> None:
        """How many hints have been taken; 0 once an answer has paid for them."""

    def merge_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Bring in attempts of another machine: of two with one name, the larger of each figure stays."""


class NoteStore(Protocol):
    """Keeps answers that are not given yet, and what a person says of themselves. Each writing is one transaction."""

    def draft(self, entry: str) -> str:
        """The answer to an entry that was written and not given; empty where there is none."""

    def set_draft(self, entry: str, text: str) -> None:
        """Keep an answer that is not given yet; an empty text forgets it."""

    def aim(self) -> Aim | None:
        """What the person practises for, as far as they have said."""

    def set_aim(self, aim: Aim) -> None:
        """Keep what the person practises for."""


class PracticeStore(ProgressStore, AttemptStore, NoteStore, Protocol):
    """All that a person's practice leaves behind."""


class Head(Protocol):
    """What is known of an entry without reading all of it."""

    @property
    def id(self) -> str:
        """Stable, and the name of its file."""

    @property
    def kind(self) -> Kind:
        """How it is answered."""

    @property
    def topics(self) -> tuple[str, ...]:
        """What it is about, the main topic first."""

    @property
    def level(self) -> Level:
        """Whom it is meant for."""

    @property
    def difficulty(self) -> int:
        """From 1 to 10."""

    @property
    def minutes(self) -> int:
        """How long an answer takes."""


class QuestionBank(Protocol):
    """Entries to ask."""

    @property
    def weights(self) -> Mapping[str, int]:
        """How often each topic is asked in interviews, from 1 to 5; what is not there is asked as often as most."""

    def heads(self) -> Sequence[Head]:
        """Every active entry."""

    def entry(self, entry_id: str) -> Entry:
        """One entry, whole; raises ContentError or UsageError."""

    def exercise_of(self, entry: Entry) -> Exercise | None:
        """The exercise that an entry links to, if it links to one."""
