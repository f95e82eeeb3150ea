"""The way through a sitting: which entry is asked next, and how many there will be."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from grader.model.progress import Aim, Mode
from grader.practice.choosing import DUE_IN_A_ROW, Filter, choose, due_order
from grader.practice.ports import Head, ProgressStore, QuestionBank
from grader.practice.schedule import recall

USUAL_COUNT = 10
USUAL_MOCK_MINUTES = 30
ENDLESS = 10_000
RECENT = 12
TOO_WELL_KNOWN = 0.9  # an entry that is remembered so well tests nothing in a mock


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked for; `count` and `minutes` are None where they said nothing.

    `in_order` are the ids of entries that learning asks one after another, due or not, instead of choosing. What is
    asked `again` was explained a moment ago: answers say nothing about memory, and are not recorded.
    """

    seed: int
    mode: Mode = "learn"
    only: Filter = field(default_factory=Filter)
    count: int | None = None
    minutes: int | None = None
    in_order: tuple[str, ...] | None = None
    aim: Aim | None = None
    again: bool = False


class Course:
    """Chooses entries; each is asked once. A mock's entries are chosen at the start."""

    def __init__(self, bank: QuestionBank, store: ProgressStore, wish: Wish, today: date) -> None:
        self._bank, self._store, self._wish = bank, store, wish
        self._draw = random.Random(wish.seed)  # noqa: S311 - no secret depends on it
        self._asked: list[Head] = []
        self._passed_over = 0
        self._in_a_row = 0  # due entries, one after another
        self.plan = self._planned(today) if wish.mode == "mock" else []

    @property
    def given_out(self) -> int:
        """How many entries were given out."""
        return len(self._asked)

    @property
    def counted(self) -> int:
        """How many of them take a place among those that were wished for."""
        return self.given_out - self._passed_over

    def pass_over(self) -> None:
        """The last entry given out was not asked, or was skipped: it takes no place, and another is asked for it."""
        self._passed_over += 1

    @property
    def minutes(self) -> int | None:
        """The time that the sitting may take; None where nobody set one."""
        if self._wish.mode != "mock" or self._wish.minutes is not None:
            return self._wish.minutes
        return sum(head.minutes for head in self.plan) if self._wish.count is not None else USUAL_MOCK_MINUTES

    def next(self, today: date, seconds_left: float | None) -> tuple[Head, bool] | None:
        """The next entry, and whether it came back because it is due; None when the sitting is over."""
        if self._is_complete or (seconds_left is not None and seconds_left <= 0):
            return None
        found = self._next(today, seconds_left)
        if found is not None:
            self._asked.append(found[0])
            self._in_a_row = self._in_a_row + 1 if found[1] else 0
        return found

    def total(self, today: date) -> int:
        """How many entries there will be, with those given out; 0 where that depends on the time."""
        if self._wish.mode == "review":
            return min(self._most(), self.counted + len(self._due(today)))
        if self._wish.minutes is not None and self._wish.mode == "learn" and self._wish.count is None:
            return 0
        if self._wish.mode == "mock":
            return len(self.plan) - self._passed_over
        return min(self._most(), self.counted + len(self._open()))

    @property
    def _is_complete(self) -> bool:
        if self._wish.mode == "mock":
            return self.given_out >= len(self.plan)
        return self.counted >= self._most()

    def _most(self) -> int:
        if self._wish.count is not None:
            return self._wish.count
        return USUAL_COUNT if self._wish.mode == "learn" and self._wish.minutes is None and not self._leads else ENDLESS

    @property
    def _leads(self) -> bool:
        """Whether the order of the entries is given."""
        return self._wish.in_order is not None and self._wish.mode == "learn"

    def _next(self, today: date, seconds_left: float | None) -> tuple[Head, bool] | None:
        if self._wish.mode == "mock":
            return self.plan[self.given_out], False
        if self._leads:
            return self._in_order()
        due = self._due(today)
        new = self._new(seconds_left) if self._wish.mode == "learn" else []
        if due and (self._in_a_row < DUE_IN_A_ROW or not new):
            return due[0], True
        return (self._choose(new, self._asked[-RECENT:]), False) if new else None

    def _in_order(self) -> tuple[Head, bool] | None:
        """The first entry of the given order that was not asked yet, and whether it was answered before."""
        still_open = {head.id: head for head in self._open()}
        head = next((still_open[name] for name in self._wish.in_order or () if name in still_open), None)
        return None if head is None else (head, head.id in self._store.memories())

    def _choose(self, heads: Sequence[Head], recent: Sequence[Head]) -> Head:
        return choose(heads, self._store.abilities(), recent, self._draw, self._wish.aim, self._bank.weights)

    def _open(self) -> list[Head]:
        """Entries that may still be asked in this sitting."""
        asked = {head.id for head in self._asked}
        found = [head for head in self._bank.heads() if head.id not in asked and self._wish.only.admits(head)]
        return [head for head in found if head.id in (self._wish.in_order or ())] if self._leads else found

    def _due(self, today: date) -> list[Head]:
        return due_order(self._open(), self._store.memories(), today)

    def _new(self, seconds_left: float | None) -> list[Head]:
        """Entries that were never answered and fit into the time that is left; the first one need not."""
        memories = self._store.memories()
        fresh = [head for head in self._open() if head.id not in memories]
        fitting = [head for head in fresh if seconds_left is None or 60 * head.minutes <= seconds_left]
        return fitting or (fresh if not self._asked else [])

    def _planned(self, today: date) -> list[Head]:
        memories = self._store.memories()
        everything = self._open()
        testing = [h for h in everything if h.id not in memories or recall(memories[h.id], today) < TOO_WELL_KNOWN]
        pool = testing or everything
        budget = self._wish.minutes or (None if self._wish.count else USUAL_MOCK_MINUTES)
        plan: list[Head] = []
        while len(plan) < (self._wish.count or ENDLESS):
            used = sum(head.minutes for head in plan)
            fitting = [h for h in pool if h not in plan and (budget is None or used + h.minutes <= budget)]
            if not fitting:
                break
            plan.append(self._choose(fitting, plan))
        return plan
