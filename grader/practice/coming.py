"""What a person does best now: what is due, what was begun, the path they walk, the topic that they are weakest in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from grader.model.learning_path import PathStanding
from grader.model.progress import Overview
from grader.model.repair import exercise_of_key
from grader.model.text import Text
from grader.practice.bank import PackBank
from grader.practice.choosing import due_order
from grader.practice.overview import survey
from grader.practice.paths import last_walked, walked
from grader.practice.ports import PracticeStore
from grader.practice.tally import tally_of

QUESTIONS = 5  # of a short round


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One thing to do: the key of the sentence that says why, what fills it, and the words of the command."""

    why: str
    fields: Mapping[str, Text]
    command: tuple[str, ...]


def coming(bank: PackBank, store: PracticeStore, today: date) -> tuple[Coming, ...]:
    """What to do, the most useful first; there is always something."""
    rules: Sequence[Callable[[PackBank, PracticeStore, date], Coming | None]] = (_due, _begun, _path, _weakest)
    found = [one for rule in rules if (one := rule(bank, store, today)) is not None]
    return tuple(found) or (Coming(why="next.first", fields={}, command=("quiz", "--count", str(QUESTIONS))),)


def _due(bank: PackBank, store: PracticeStore, today: date) -> Coming | None:
    due = due_order(bank.heads(), store.memories(), today)
    if not due:
        return None
    return Coming(why="next.due", fields={"count": Text.same(str(len(due)))}, command=("quiz", "--mode", "review"))


def _begun(_bank: PackBank, store: PracticeStore, _today: date) -> Coming | None:
    """The exercise that was tried last and is not solved yet."""
    solved = store.solved()
    begun = [one for one in store.attempts().values() if one.tries and one.name not in solved]
    if not begun:
        return None
    last = max(begun, key=lambda one: one.last)
    fields = {"name": Text.same(exercise_of_key(last.name)), "percent": Text.same(f"{100 * last.best:.0f}")}
    return Coming(why="next.begun", fields=fields, command=("watch", exercise_of_key(last.name)))


def _path(bank: PackBank, store: PracticeStore, _today: date) -> Coming | None:
    """The next step of the path that was walked last."""
    behind = walked(store)
    standing = last_walked((bank.paths.standing(path, behind) for path in bank.paths.all()), behind)
    return None if standing is None else step_of(standing)


def step_of(standing: PathStanding) -> Coming | None:
    """The step of a path that comes next, as something to do."""
    step = standing.next
    if step is None:
        return None
    command = ("start", step.step.name) if step.entry is None else ("quiz", "--entry", step.entry)
    return Coming(why="next.path", fields={"path": standing.path.title, "title": step.title}, command=command)


def _weakest(bank: PackBank, store: PracticeStore, today: date) -> Coming | None:
    weakest = overview_of(bank, store, today).weakest
    if not weakest:
        return None
    fields = {"topic": weakest[0].title}
    return Coming(
        why="next.weakest", fields=fields, command=("quiz", "--topic", weakest[0].id, "--count", str(QUESTIONS))
    )


def overview_of(bank: PackBank, store: PracticeStore, today: date) -> Overview:
    """A person's practice, beside all that there is to practise."""
    heads = bank.heads()
    return survey(store, bank.areas, today, {head.id for head in heads}, tally_of(heads, bank, walked(store)))
