"""Entries of every kind, made by hand; `SECRETS` is all that would give an answer away."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

from grader.model.entry import (
    BugEntry,
    Choice,
    ChoiceEntry,
    CodeEntry,
    Criterion,
    Entry,
    FollowUp,
    Numeric,
    NumericEntry,
    NumericTemplate,
    OpenEntry,
    OrderEntry,
    Step,
)
from grader.model.exercise import Source
from grader.model.syllabus import Area, Topic
from grader.model.text import Text


def both(en: str, zh: str = "") -> Text:
    """A text whose Chinese says which English one it stands for."""
    return Text(en=en, zh=zh or f"中文：{en}")


SECRETS = ("THE-ANSWER", "THE-WHY", "THE-POINT", "THE-FLAG", "THE-NEXT", "THE-HINT", "THE-SOURCE", "THE-PATTERN")
SHARED: dict[str, Any] = {
    "revision": 2,
    "status": "active",
    "topics": ("arch.attention",),
    "level": "mid",
    "difficulty": 6,
    "minutes": 5,
    "prompt": both("Why is $x_i$ in `code`?"),
    "answer": both("THE-ANSWER, because."),
    "red_flags": (both("THE-FLAG"),),
    "follow_ups": (FollowUp(when="strong", text=both("THE-NEXT")), FollowUp(when="weak", text=both("THE-NEXT too"))),
    "hints": (both("THE-HINT"),),
    "sources": (Source(title="THE-SOURCE", url="https://arxiv.org/abs/1706.03762"),),
    "license": "CC-BY-4.0",
    "verified": date(2026, 11, 22),
    "path": Path("bank/architecture/sample.yaml"),
    "digest": "sha256:0",
}
RUBRIC = (
    Criterion(id="one", weight=0.6, text=both("THE-POINT"), accept=("THE-PATTERN",)),
    Criterion(id="two", weight=0.4, text=both("THE-POINT again")),
)
CHOICES = (
    Choice(id="a", correct=False, text=both("first"), why=both("THE-WHY a")),
    Choice(id="b", correct=True, text=both("second"), why=both("THE-WHY b")),
    Choice(id="c", correct=False, text=both("third"), why=both("THE-WHY c")),
)
STEPS = tuple(Step(id=name, text=both(f"do {name}")) for name in ("load", "shuffle", "split", "fit", "score"))


def entry(kind: str, name: str = "", **changes: Any) -> Entry:
    """A concrete entry of a kind (`template`: a numeric one that is not), with fields changed."""
    classes: dict[str, tuple[type[Entry], dict[str, Any]]] = {
        "open": (OpenEntry, {"rubric": RUBRIC}),
        "choice": (ChoiceEntry, {"choices": CHOICES}),
        "multi": (ChoiceEntry, {"choices": (dataclasses.replace(CHOICES[0], correct=True), *CHOICES[1:])}),
        "numeric": (NumericEntry, {"numeric": Numeric(value=0.125, rtol=0.01, atol=0.0, unit=Text.same("ms"))}),
        "template": (
            NumericEntry,
            {
                "prompt": both("{{n}} layers?"),
                "answer": both("THE-ANSWER {{answer}}"),
                "numeric": NumericTemplate(formula="2 * n", parameters={"n": (3, 4, 5)}, rtol=0.01, atol=0.0),
            },
        ),
        "order": (OrderEntry, {"steps": STEPS}),
        "bug": (BugEntry, {"rubric": RUBRIC, "choices": CHOICES, "exercise": None}),
        "code": (CodeEntry, {"rubric": RUBRIC, "exercise": "mean"}),
    }
    kind_class, own = classes[kind]
    real_kind = "numeric" if kind == "template" else kind
    fields = {**SHARED, "id": name or f"{kind}-sample", "kind": real_kind, "title": both(f"A {kind} entry"), **own}
    return kind_class(**{**fields, **changes})


KINDS = ("open", "choice", "multi", "numeric", "order", "bug", "code")
AREAS = (
    Area(
        id="architecture",
        title=both("Architecture", "结构"),
        topics=(
            Topic(
                id="arch.attention",
                title=both("Attention", "注意力"),
                weight=5,
                about=both("Looking."),
                exercises=("mean",),
            ),
            Topic(id="arch.rnn", title=both("Recurrence", "循环"), weight=1, about=both("Going on."), exercises=()),
        ),
    ),
    Area(
        id="data",
        title=both("Data", "数据"),
        topics=(
            Topic(
                id="data.pipeline", title=both("Pipelines", "流水线"), weight=3, about=both("Reading."), exercises=()
            ),
        ),
    ),
)
