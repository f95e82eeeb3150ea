"""Every shipped role at every level for every usual length: an interview, or the one wish to relax, which is enough."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.errors import UsageError
from grader.model.entry import Entry
from grader.model.session import BELONGS, role_weight
from grader.sessions.assemble import Form, assemble
from grader.sessions.blueprint import shipped
from grader.sessions.debugging import exercise_of, form_of, is_hands_on, is_repair, made_entries
from grader.sessions.hands_on import BALANCE, aim_of
from grader.sessions.prepare import Order, plan
from grader.sessions.wishes import LEVELS

MINUTES = (45, 60, 90)
TYPED = re.compile(r"change `--(\w+) (\w+)` to `--\w+ (\w+)`")
TRANSLATED = re.compile(r"把 (`[^`]+`) 改为 (`[^`]+`)")
ALL = list(itertools.product(shipped(), LEVELS, MINUTES))


@cache
def pack() -> Pack:
    return Pack(builtin_pack_root())


@cache
def bank() -> tuple[Entry, ...]:
    """Every entry, and a repair task for each exercise that has none."""
    entries = tuple(pack().entries())
    return (*entries, *made_entries(pack().exercises(), entries, lambda repair: 0.0, 1))


def made(order: Order, forms: int = 1) -> tuple[Form, ...]:
    return assemble(plan(order, pack().syllabus).wishes, bank(), 1, forms)


def tasks_of(form: Form) -> list[Entry]:
    return [entry for entry in form.entries if is_hands_on(entry)]


def relaxed(order: Order, refusal: UsageError) -> Order:
    """The order as a refusal says to type it, in both languages."""
    sentence = str(refusal)
    assert TYPED.findall(sentence) == TYPED.findall(TRANSLATED.sub(r"change \1 to \2", refusal.chinese))
    found = TYPED.findall(sentence)
    assert len(found) == 1, sentence
    option, old, new = found[0]
    now = getattr(order, option)
    assert str(now) == old, sentence
    return replace(order, **{option: type(now)(new)})


def check(order: Order) -> Form:
    """The interview of an order, or of the order after the one change that its refusal names; it is of the role."""
    try:
        (form,) = made(order)
    except UsageError as refusal:
        order = relaxed(order, refusal)
        (form,) = made(order)
    weights: Mapping[str, float] = plan(order, pack().syllabus).wishes.weights
    tasks = tasks_of(form)
    assert all(role_weight(task.topics, weights) >= BELONGS for task in tasks)
    assert len({exercise_of(task) for task in tasks}) == len(tasks)
    if order.coding is not None:
        assert [form_of(task) for task in tasks].count("code") == order.coding
    return form


@pytest.mark.parametrize(("role", "level", "minutes"), ALL)
def test_what_a_role_usually_has_is_always_made(role: str, level: str, minutes: int) -> None:
    """Without wishes of one's own nothing is ever refused."""
    (form,) = made(Order(role=role, level=level, minutes=minutes))
    assert len(form.entries) >= 3


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("role", shipped())
def test_two_coding_tasks_fit_ninety_minutes(role: str, level: str) -> None:
    """At every level, of staff as well."""
    (form,) = made(Order(role=role, level=level, minutes=90, coding=2))
    assert [entry.kind for entry in form.entries].count("code") == 2


@pytest.mark.parametrize(("level", "minutes"), [("staff", 60), ("senior", 45), ("junior", 45)])
def test_two_coding_tasks_in_less(level: str, minutes: int) -> None:
    """They are refused with the one change that is enough."""
    with pytest.raises(UsageError):
        made(Order(role="ml-platform", level=level, minutes=minutes, coding=2))
    check(Order(role="ml-platform", level=level, minutes=minutes, coding=2))


@pytest.mark.slow
@pytest.mark.parametrize(("coding", "debugging"), [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize(("role", "level", "minutes"), ALL)
def test_made_or_refused_with_what_helps(role: str, level: str, minutes: int, coding: int, debugging: int) -> None:
    """Whatever number of tasks is asked for: made, or refused with one change that is enough."""
    check(Order(role=role, level=level, minutes=minutes, coding=coding, debugging=debugging))


@pytest.mark.parametrize("minutes", MINUTES)
@pytest.mark.parametrize(
    ("role", "level", "coding", "debugging", "areas"),
    [
        ("data-scientist", "junior", 1, 1, ("eval", "data", "classic")),
        ("llm-engineer", "senior", 1, 1, ("arch", "llm")),
        ("ml-platform", "staff", 2, 0, ("dist", "deploy", "llm.serving", "data.pipeline")),
        ("applied-scientist", "senior", 1, 1, ("eval", "arch", "data", "llm.post_training")),
    ],
)
def test_the_tasks_are_of_the_role(
    role: str, level: str, minutes: int, coding: int, debugging: int, areas: Sequence[str]
) -> None:
    """The exercise's area is one of the role's first; two coding tasks of staff level need more than an hour."""
    order = Order(role=role, level=level, minutes=minutes, coding=coding, debugging=debugging)
    tasks = tasks_of(check(order))
    assert len(tasks) >= (coding + debugging if minutes == 90 else 1)
    assert all(any(topic.startswith(areas) for topic in task.topics) for task in tasks), [t.id for t in tasks]


def test_the_seed_only_breaks_ties() -> None:
    """Whatever the seed, the coding task is one of those that suit the role best; it is not always the same one."""
    wishes = plan(Order(role="llm-engineer", level="senior", minutes=60, coding=1), pack().syllabus).wishes
    found = {task.id: task for seed in range(8) for task in tasks_of(assemble(wishes, bank(), seed)[0])}
    assert len(found) > 1
    assert {role_weight(task.topics, wishes.weights) for task in found.values()} == {max(wishes.weights.values())}
    assert {task.level for task in found.values()} == {"senior"}
    assert {task.difficulty for task in found.values()} == {6}


def test_a_heavier_topic_wins() -> None:
    """Of two roles with the same bank each gets its own tasks."""
    for role, area in (("ml-platform", "dist"), ("llm-engineer", ("arch", "llm")), ("data-scientist", "data")):
        (task,) = tasks_of(made(Order(role=role, level="senior", minutes=60, coding=1))[0])
        assert task.topics[0].startswith(area), (role, task.id)


def test_no_task_of_another_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only tasks of other roles are left, it is refused; naming their topic makes them welcome."""
    foreign = [e for e in bank() if not is_hands_on(e) or e.id == "ddp-step-code"]
    order = Order(role="data-scientist", level="senior", minutes=60, coding=1)
    with pytest.raises(UsageError, match=r"change `--coding 1` to `--coding 0` \(the bank has 0 that fit the role"):
        assemble(plan(order, pack().syllabus).wishes, foreign, 1)
    named = replace(order, topics=("dist.data_parallel",))
    assert tasks_of(assemble(plan(named, pack().syllabus).wishes, foreign, 1)[0])


@pytest.mark.parametrize("role", shipped())
def test_parallel_forms_keep_the_balance(role: str) -> None:
    """Two forms are of the same role and level, and as long at the keyboard within `BALANCE` minutes."""
    order = Order(role=role, level="mid", minutes=60, coding=1)
    first, second = made(order, forms=2)
    keyboard = [sum(task.minutes for task in tasks_of(form)) for form in (first, second)]
    assert abs(keyboard[0] - keyboard[1]) <= BALANCE
    weights = plan(order, pack().syllabus).wishes.weights
    for form in (first, second):
        assert all(role_weight(task.topics, weights) >= BELONGS for task in tasks_of(form))
        assert all(abs(LEVELS.index(entry.level) - LEVELS.index("mid")) <= 1 for entry in form.entries)


def test_what_is_aimed_at() -> None:
    """Difficulty by level, minutes at the keyboard by level and number of tasks, the rest for talk."""
    wishes = plan(Order(role="ml-platform", level="staff", minutes=90, coding=2), pack().syllabus).wishes
    aim = aim_of(wishes)
    assert (aim.difficulty, aim.keyboard, aim.talk) == (7.5, 70, 12)
    assert set(aim.topics) == {"dist", "deploy"}
    plain = plan(Order(role="ml-platform", level="staff", minutes=90), pack().syllabus).wishes
    assert aim_of(plain).keyboard == 0


def test_repairs_are_not_coding() -> None:
    """One debugging task is one, beside the role's usual coding task."""
    (form,) = made(Order(role="llm-engineer", level="mid", minutes=60, debugging=1))
    assert [is_repair(task) for task in tasks_of(form)].count(True) == 1
