"""A small bank made of values, and sessions drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.content.syllabus import Syllabus
from grader.model.entry import (
    Choice,
    ChoiceEntry,
    CodeEntry,
    Criterion,
    Entry,
    Level,
    Numeric,
    NumericEntry,
    OpenEntry,
    OrderEntry,
    Step,
)
from grader.model.session import Session
from grader.model.text import Text
from grader.sessions.freeze import Making, freeze_session
from grader.sessions.wishes import Wishes

TOPICS = (
    "arch.attention arch.transformer arch.rnn train.loop train.memory eval.classification eval.regression "
    "data.pipeline data.imbalance dist.data_parallel comp.quantization deploy.latency trust.fairness biz.cost"
).split()
LEVELS: tuple[Level, ...] = ("junior", "mid", "senior", "staff")


def both(text: str) -> Text:
    """The same in both languages, told apart by a mark."""
    return Text(en=text, zh=f"{text}（中）")


def make_entry(name: str, kind: str = "open", **fields: Any) -> Entry:
    """An entry of a kind; `fields` replace what every entry has."""
    name, entry_id = name.removeprefix("entry-"), name
    shared: dict[str, Any] = {
        "id": entry_id,
        "revision": 1,
        "status": "active",
        "kind": kind,
        "topics": ("arch.attention",),
        "level": "mid",
        "difficulty": 5,
        "minutes": 5,
        "title": both(f"Title {name}"),
        "prompt": both(f"Prompt {name}: " + " ".join(f"{name}word{n}" for n in range(12))),
        "answer": both(f"MODEL-ANSWER-{name}"),
        "red_flags": (both(f"RED-FLAG-{name}"),),
        "follow_ups": (),
        "hints": (both(f"HINT-{name}"),),
        "sources": (),
        "license": "CC-BY-4.0",
        "verified": date(2026, 11, 22),
        "path": Path(f"{name}.yaml"),
        "digest": f"sha256:{name}",
        **fields,
    }
    rubric = tuple(Criterion(id=c, weight=0.5, text=both(f"RUBRIC-{c}-{name}"), accept=()) for c in ("one", "two"))
    if kind in ("choice", "multi"):
        right = {"choice": "b", "multi": "bd"}[kind]
        choices = tuple(
            Choice(id=c, correct=c in right, text=both(f"Choice {c} of {name}"), why=both(f"WHY-{c}-{name}"))
            for c in "abcd"
        )
        return ChoiceEntry(**shared, choices=choices)
    if kind == "numeric":
        return NumericEntry(**shared, numeric=Numeric(value=12.5, rtol=0.02, atol=0.0, unit=Text.same("GiB")))
    if kind == "order":
        return OrderEntry(**shared, steps=tuple(Step(id=s, text=both(f"Step {s}")) for s in ("s1", "s2", "s3", "s4")))
    if kind == "code":
        return CodeEntry(**{"exercise": "f1_auc", **shared}, rubric=rubric)
    return OpenEntry(**shared, rubric=rubric)


def make_bank() -> list[Entry]:
    """Per topic two talks, a choice, a number and an order; three coding exercises; difficulties from 2 to 9."""
    entries: list[Entry] = []
    for place, topic in enumerate(TOPICS):
        for index, (kind, minutes) in enumerate(
            (("open", 7), ("open", 9), ("choice", 2), ("numeric", 4), ("order", 3))
        ):
            fields = {
                "topics": (topic,),
                "minutes": minutes,
                "difficulty": 2 + (3 * place + 2 * index) % 8,
                "level": LEVELS[(place + index) % 4],
            }
            entries.append(make_entry(f"{topic.replace('.', '-').replace('_', '-')}-{index}", kind, **fields))
    for number, slug in enumerate(("f1_auc", "smote", "laplace_mechanism")):
        topic = ("eval.classification", "data.imbalance", "trust.privacy")[number]
        fields = {"topics": (topic,), "minutes": 25, "difficulty": 4 + number, "exercise": slug, "level": "mid"}
        entries.append(make_entry(f"code-{number}", "code", **fields))
    return entries


@pytest.fixture(scope="session")
def bank() -> list[Entry]:
    """The small bank."""
    return make_bank()


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The built-in pack."""
    return Pack(builtin_pack_root())


@pytest.fixture(scope="session")
def syllabus(pack: Pack) -> Syllabus:
    """The built-in syllabus."""
    return pack.syllabus


def freeze(entries: Sequence[Entry], pack: Pack, seed: int = 3) -> Session:
    """A session of these entries."""
    wishes = Wishes(role="tester", level="mid", minutes=60, opening=3, closing=5)
    making = Making(title=both("Tester"), seed=seed, form=1, forms=1, created="2026-11-22T10:00:00+00:00")
    return freeze_session(wishes, entries, making, pack.syllabus, pack.exercise)


@pytest.fixture(scope="session")
def session(pack: Pack) -> Session:
    """One question of each kind: 1 choice, 2 multi, 3 number, 4 order, 5 code, 6 talk."""
    kinds = ("choice", "multi", "numeric", "order", "code", "open")
    entries = [make_entry(f"entry-{kind}", kind, minutes=25 if kind == "code" else 5) for kind in kinds]
    return freeze(entries, pack)
