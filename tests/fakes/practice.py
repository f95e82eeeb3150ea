"""A bank, a clock and a store that live in memory, and people who answer as well as they are able."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from grader.model.entry import Choice, ChoiceEntry, Criterion, Entry, Numeric, NumericEntry, OpenEntry, OrderEntry, Step
from grader.model.exercise import Exercise
from grader.model.progress import Ability, Aim, Answered, Attempt, Memory, Solved
from grader.model.text import Text
from grader.practice.answers import Picked, right_ids
from grader.practice.ports import Update
from grader.practice.question import Question
from grader.practice.sitting import Sitting, Told

HOME = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 23, 20, 0, tzinfo=HOME)


def text(words: str) -> Text:
    """The same words in both languages, told apart."""
    return Text(en=words, zh=f"{words}（中）")


def entry(kind: str = "choice", **changes: Any) -> Entry:
    """A small entry of a kind, but for `changes`."""
    own: dict[str, tuple[type[Entry], dict[str, Any]]] = {
        "choice": (ChoiceEntry, {"choices": choices("right", "wrong", "other")}),
        "multi": (ChoiceEntry, {"choices": choices("one", "two", "bad", "worse", right=2)}),
        "numeric": (NumericEntry, {"numeric": Numeric(value=3.5, rtol=0.01, atol=0, unit=Text.same("GiB"))}),
        "order": (
            OrderEntry,
            {"steps": tuple(Step(id=name, text=text(name)) for name in ("zero", "back", "clip", "step"))},
        ),
        "open": (
            OpenEntry,
            {
                "rubric": (
                    Criterion(id="variance", weight=0.6, text=text("names the variance"), accept=("varian", "方差")),
                    Criterion(id="root", weight=0.4, text=text("takes the root"), accept=("sqrt|root",)),
                )
            },
        ),
    }
    made, fields = own[kind]
    shared: dict[str, Any] = {
        "id": f"{kind}-sample",
        "revision": 1,
        "status": "active",
        "kind": kind,
        "topics": ("arch.attention",),
        "level": "mid",
        "difficulty": 5,
        "minutes": 4,
        "title": text("Title"),
        "prompt": text("Prompt?"),
        "answer": text("Because."),
        "red_flags": (),
        "follow_ups": (),
        "hints": (text("weak hint"), text("strong hint")),
        "sources": (),
        "license": "CC-BY-4.0",
        "verified": date(2026, 11, 22),
        "path": Path("sample.yaml"),
        "digest": "",
    }
    return made(**{**shared, **fields, **changes})


def choices(*names: str, right: int = 1) -> tuple[Choice, ...]:
    """Choices of which the first `right` are right."""
    return tuple(
        Choice(id=name, correct=place < right, text=text(name), why=text("why")) for place, name in enumerate(names)
    )


def wide_bank(topics: int = 20, each: int = 10) -> FakeBank:
    """Choice entries: `topics` topics in four areas, with every difficulty from 1 to `each` once in each."""
    return FakeBank(
        entry(
            id=f"e{topic:02}-{difficulty:02}",
            topics=(f"area{topic % 4}.t{topic:02}",),
            difficulty=difficulty,
            minutes=3,
        )
        for topic in range(topics)
        for difficulty in range(1, each + 1)
    )


class FakeBank:
    """Entries without files."""

    def __init__(self, entries: Iterable[Entry], weights: Mapping[str, int] | None = None) -> None:
        self._entries = {one.id: one for one in entries}
        self.weights = weights or {}

    def heads(self) -> Sequence[Entry]:
        """Every entry."""
        return tuple(self._entries.values())

    def entry(self, entry_id: str) -> Entry:
        """One entry."""
        return self._entries[entry_id]

    def exercise_of(self, entry: Entry) -> Exercise | None:
        """None: nothing here is solved by code."""
        return None


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time that was set."""
        return self.at

    def pass_by(self, **amount: float) -> None:
        """Let so many `seconds`, `minutes`, `hours` or `days` go by."""
        self.at += timedelta(**amount)


class MemoryProgress:
    """A store that forgets when it is dropped."""

    def __init__(self) -> None:
        self._answers: dict[str, Answered] = {}
        self._memories: dict[str, Memory] = {}
        self._abilities: dict[str, Ability] = {}
        self._solved: dict[str, Solved] = {}
        self._attempts: dict[str, Attempt] = {}
        self._drafts: dict[str, str] = {}
        self._aim: Aim | None = None

    def answers(self) -> list[Answered]:
        """The whole history, oldest first."""
        return sorted(self._answers.values(), key=lambda answered: (answered.at, answered.uid))

    def memories(self) -> dict[str, Memory]:
        """What is remembered, by entry."""
        return dict(self._memories)

    def abilities(self) -> dict[str, Ability]:
        """Beliefs about ability, by topic."""
        return dict(self._abilities)

    def solved(self) -> dict[str, Solved]:
        """Exercises that were accepted."""
        return dict(self._solved)

    def record(self, answered: Answered, update: Update) -> Memory:
        """Append an answer and learn from it."""
        memory, changed = update(answered, self._memories.get(answered.entry), self._abilities)
        self._answers[answered.uid] = answered
        self._memories[answered.entry] = memory
        self._abilities.update(changed)
        return memory

    def merge(self, answers: Iterable[Answered], solved: Iterable[Solved], update: Update) -> int:
        """Add or replace answers, and learn everything again."""
        before = len(self._answers)
        self._answers.update({answered.uid: answered for answered in answers})
        for one in solved:
            self.mark_solved(one)
        history = self.answers()
        self._answers, self._memories, self._abilities = {}, {}, {}
        for answered in history:
            self.record(answered, update)
        return len(history) - before

    def mark_solved(self, solved: Solved) -> None:
        """The first time counts."""
        self._solved.setdefault(solved.exercise, solved)

    def attempts(self) -> dict[str, Attempt]:
        """What was tried, and which hints were taken."""
        return dict(sorted(self._attempts.items()))

    def note_try(self, name: str, share: float, at: datetime) -> None:
        """Count a verdict."""
        known = self._attempts.get(name, Attempt(name=name, tries=0, best=0.0, hints=0, last=at))
        best, last = max(known.best, share), max(known.last, at)
        self._attempts[name] = replace(known, tries=known.tries + 1, best=best, last=last)

    def set_hints(self, name: str, hints: int, at: datetime) -> None:
        """How many hints have been taken."""
        known = self._attempts.get(name, Attempt(name=name, tries=0, best=0.0, hints=0, last=at))
        self._attempts[name] = replace(known, hints=hints, last=max(known.last, at))

    def merge_attempts(self, attempts: Iterable[Attempt]) -> None:
        """The larger of each figure stays."""
        for one in attempts:
            known = self._attempts.get(one.name, one)
            larger = {
                name: max(getattr(known, name), getattr(one, name)) for name in ("tries", "best", "hints", "last")
            }
            self._attempts[one.name] = replace(one, **larger)

    def draft(self, entry: str) -> str:
        """What was written and not given."""
        return self._drafts.get(entry, "")

    def set_draft(self, entry: str, text: str) -> None:
        """Keep it; an empty one is none."""
        self._drafts[entry] = text

    def aim(self) -> Aim | None:
        """What was said last."""
        return self._aim

    def set_aim(self, aim: Aim) -> None:
        """Keep it."""
        self._aim = aim


class Person:
    """Someone who answers choice entries as Rasch's model says, and remembers what was explained for a while.

    `ability` is on the bank's scale of difficulty. Everything is drawn from `seed`.
    """

    def __init__(self, ability: float, seed: int) -> None:
        self._ability = ability
        self._draw = random.Random(seed)
        self._told: dict[str, tuple[datetime, float]] = {}  # when it was explained, and for how many days it will last

    def probability(self, question: Question, now: datetime) -> float:
        """Of a right answer, without guessing."""
        alone = 1 / (1 + math.exp(-0.6 * (self._ability - question.entry.difficulty)))
        if question.entry.id not in self._told:
            return alone
        since, lasts = self._told[question.entry.id]
        return max(alone, 0.9 ** ((now - since).total_seconds() / 86400 / lasts))

    def answer(self, sitting: Sitting, question: Question, clock: FakeClock) -> Told:
        """Think, then pick."""
        clock.pass_by(seconds=60 * question.entry.minutes * self._draw.uniform(0.3, 1.2))
        knows = self._draw.random() < self.probability(question, clock.now())
        right = right_ids(question)[0]
        picked = right if knows else self._draw.choice([option.id for option in question.options])
        _, lasts = self._told.get(question.entry.id, (clock.now(), 1.5))
        self._told[question.entry.id] = (clock.now(), lasts * 2.5 if picked == right else 1.5)
        return sitting.answer(Picked(ids=(picked,)))
