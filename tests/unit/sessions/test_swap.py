"""Replacing a question: what is kept, and by which names an entry is called."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.errors import UsageError
from grader.model.session import BELONGS, Session, role_weight
from grader.sessions.debugging import exposed
from grader.sessions.hands_on import BALANCE
from grader.sessions.prepare import Bank, Order, make_sessions, plan, read_avoided, swap, unknown_avoided
from grader.sessions.wishes import LEVELS
from tests.unit.sessions.conftest import make_bank, make_entry


@cache
def bank() -> Bank:
    pack = Pack(builtin_pack_root())
    entries = tuple(pack.entries())
    return Bank(
        entries=entries,
        syllabus=pack.syllabus,
        find_exercise=pack.exercise,
        exercises=lambda: tuple(pack.exercises()),
    )


@cache
def session(role: str, level: str, coding: int = 1, debugging: int = 0) -> Session:
    order = Order(role=role, level=level, minutes=60, coding=coding, debugging=debugging)
    sessions, _ = make_sessions(plan(order, bank().syllabus), bank(), seed=2, forms=1, created="2026-11-30T09:00:00Z")
    return sessions[0]


@pytest.mark.parametrize(("role", "level"), [("llm-engineer", "senior"), ("data-scientist", "junior")])
def test_a_swap_keeps_role_level_and_balance(role: str, level: str) -> None:
    """Whichever question goes, what comes is of the role, a level away at most and as long within `BALANCE` minutes."""
    then = session(role, level, debugging=1)
    for old in then.questions:
        new = swap(then, old.number, bank(), wanted=None, seed=1).questions[old.number - 1]
        assert new.entry != old.entry
        assert bool(new.exercise) == bool(old.exercise)
        assert bool(new.repair) == bool(old.repair)
        assert abs(new.minutes - old.minutes) <= BALANCE
        assert abs(LEVELS.index(new.level) - LEVELS.index(level)) <= 1
        assert role_weight(new.topics, then.weights) >= (BELONGS if old.exercise else 0.1)


def test_a_swap_keeps_what_was_aimed_at() -> None:
    """What was wanted stays beside what there is now."""
    then = session("llm-engineer", "senior")
    now = swap(then, 1, bank(), wanted=None, seed=1)
    assert (now.aim, now.weights) == (then.aim, then.weights)


def test_nothing_like_it() -> None:
    """Where every other coding task is of another role, or far longer, it is said what was looked for."""
    then = session("llm-engineer", "senior")
    number = next(q.number for q in then.questions if q.exercise)
    own = then.questions[number - 1]
    only = [
        make_entry("far", "code", topics=("dist.federated",), level="senior", minutes=own.minutes, exercise="smote"),
        make_entry("long", "code", topics=("arch.attention",), level="senior", minutes=own.minutes + 6),
    ]
    with pytest.raises(UsageError, match=f"of the role, at most a level and {BALANCE} minutes away"):
        swap(then, number, replace(bank(), entries=only), wanted=None, seed=0)


@pytest.mark.parametrize("name", ["f1_auc", "f1-auc", "f1-auc-code"])
def test_an_exercise_by_any_of_its_names(name: str) -> None:
    """Its slug, its slug with hyphens and the id of its entry are one thing, also for what is to be avoided."""
    then = session("data-scientist", "junior")
    number = next(q.number for q in then.questions if q.exercise)
    assert swap(then, number, bank(), wanted=name, seed=0).questions[number - 1].entry == "f1-auc-code"
    assert exposed([name], bank().entries) == {"f1_auc"}


def test_the_repair_task_of_an_exercise() -> None:
    """Instead of a repair task, an exercise's name means one of its repair tasks."""
    then = session("data-scientist", "junior", debugging=1)
    number = next(q.number for q in then.questions if q.repair)
    new = swap(then, number, bank(), wanted="kmeans", seed=0).questions[number - 1]
    assert new.repair is not None
    assert new.exercise is not None
    assert new.exercise.id == "kmeans"


def test_a_name_that_there_is_not() -> None:
    """It is refused by name."""
    with pytest.raises(UsageError, match="there is no entry 'f1_aux'"):
        swap(session("data-scientist", "junior"), 1, bank(), wanted="f1_aux", seed=0)


def test_a_list_of_what_to_avoid_takes_slugs(tmp_path: Path) -> None:
    """One name a line: ids, slugs, and both in one list."""
    path = tmp_path / "asked.txt"
    path.write_text("f1_auc  # last year\nauc-depends-on-row-order\n\nkv-cache\n", encoding="utf-8")
    assert read_avoided(path) == ("f1_auc", "auc-depends-on-row-order", "kv-cache")


def test_what_is_to_be_avoided_and_is_not_there_is_named() -> None:
    """With the nearest name; ids, slugs, slugs with dashes and repair tasks made of an exercise are known."""
    known = ["f1_auc", "f1-auc", "f1-auc-code", "auc-depends-on-row-order", "repair-f1-auc-3776"]
    assert unknown_avoided(known, bank()) == []
    told = unknown_avoided([*known, "f1_aux", "repair-f1-aux-3776", "xyzzy"], bank())
    assert [(name, meant.en) for name, meant in told] == [
        ("f1_aux", "did you mean `f1_auc`?"),
        ("repair-f1-aux-3776", "`viva list` shows what there is"),
        ("xyzzy", "`viva list` shows what there is"),
    ]


def test_what_is_avoided_by_its_slug_does_not_come() -> None:
    """Neither the coding task nor a repair task of it."""
    order = Order(role="data-scientist", level="junior", minutes=60, coding=1)
    wishes = plan(order, bank().syllabus).wishes
    first = next(q for q in session("data-scientist", "junior").questions if q.exercise)
    assert first.exercise is not None
    avoiding = replace(plan(order, bank().syllabus), wishes=replace(wishes, avoid=frozenset({first.exercise.id})))
    sessions, _ = make_sessions(avoiding, bank(), seed=2, forms=1, created="2026-11-30T09:00:00Z")
    assert first.exercise.id not in {q.exercise.id for q in sessions[0].questions if q.exercise}


def test_talk_of_topics_that_a_role_leaves_out_does_not_come() -> None:
    """A weight of 0 keeps a topic out of swaps too."""
    then = session("data-scientist", "junior")
    number = next(q.number for q in then.questions if not q.exercise)
    old = then.questions[number - 1]
    out = make_entry("out", minutes=old.minutes, topics=("dist.federated",), level="junior", kind="open")
    fitting = [entry for entry in make_bank() if entry.kind != "code" and entry.level in ("junior", "mid")]
    entries = [replace(entry, minutes=old.minutes) for entry in fitting]
    new = swap(then, number, replace(bank(), entries=[out, *entries]), wanted=None, seed=0).questions[number - 1]
    assert then.weights.get(new.topics[0], 1.0) > 0
