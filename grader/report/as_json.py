"""A verdict as a JSON document of the schema `viva.verdict/1`, and back.

Numbers that are not known, or that a feedback level withholds, are `null`; in a `Verdict` they are `WITHHELD`. A number
that is not finite is `null` as well, because `NaN` and `Infinity` are not JSON.
"""

from __future__ import annotations

import math
from typing import Any, cast, get_args

from grader.model.text import Lang, Text
from grader.model.verdict import (
    SCHEMA,
    Cause,
    Diagnosis,
    Isolation,
    Likeness,
    Outcome,
    Resources,
    Status,
    TaskScore,
    Verdict,
    Visibility,
)
from grader.report.escaping import for_json, to_json
from grader.report.feedback import WITHHELD
from grader.report.reading import Field

Document = dict[str, Any]

_TOP = (
    "schema",
    "exercise",
    "submission",
    "status",
    "score",
    "max_score",
    "message",
    "tasks",
    "cases",
    "diagnosis",
    "resources",
    "isolation",
    "device",
    "seed",
    "suite_digest",
    "submission_digest",
    "versions",
    "integrity",
    "created",
)
_CASE = ("id", "task", "visibility", "status", "title", "duration_ms", "message", "output", "cause")


def dumps(verdict: Verdict, lang: Lang | None = None) -> str:
    """The document of `verdict` on one line, without a line end; it can always be encoded as UTF-8."""
    return to_json(to_document(verdict, lang))


def to_document(verdict: Verdict, lang: Lang | None = None) -> Document:
    """`verdict` as plain dicts, lists, strings and numbers.

    Titles and advice are `{en, zh}`, and a case's message stands beside its `message_zh`; with `lang` all of them are
    that one text, for templates, and cannot be read back.
    """
    document = {
        "schema": SCHEMA,
        "exercise": {"id": verdict.exercise_id, "version": verdict.exercise_version},
        "submission": verdict.submission,
        "status": verdict.status.value,
        "score": verdict.score,
        "max_score": verdict.max_score,
        "message": verdict.message,
        "tasks": [_task(task, lang) for task in verdict.tasks],
        "cases": [_case(case, lang) for case in verdict.cases],
        "diagnosis": [_diagnosis(diagnosis, lang) for diagnosis in verdict.diagnosis],
        "resources": _resources(verdict.resources),
        "isolation": {"level": verdict.isolation.level, "layers": list(verdict.isolation.layers)},
        "device": verdict.device,
        "seed": _known(verdict.seed),
        "suite_digest": verdict.suite_digest,
        "submission_digest": verdict.submission_digest,
        "versions": dict(verdict.versions),
        "integrity": list(verdict.integrity),
        "created": verdict.created,
    }
    return cast(Document, _plain(document))


def from_document(document: Any) -> Verdict:
    """The verdict that `to_document` was given; the strict inverse.

    Raises UsageError for anything else, a redacted document apart: its nulls come back as `WITHHELD`.
    """
    top = Field(document, "verdict").record(*_TOP)
    top["schema"].one_of([SCHEMA])
    exercise = top["exercise"].record("id", "version")
    isolation = top["isolation"].record("level", "layers")
    return Verdict(
        submission=top["submission"].text(),
        status=_read_status(top["status"]),
        score=top["score"].number(),
        max_score=top["max_score"].number(),
        tasks=tuple(_read_task(item) for item in top["tasks"].items()),
        cases=tuple(_read_case(item) for item in top["cases"].items()),
        diagnosis=tuple(_read_diagnosis(item) for item in top["diagnosis"].items()),
        resources=_read_resources(top["resources"]),
        isolation=Isolation(level=isolation["level"].text(), layers=_read_texts(isolation["layers"])),
        device=top["device"].text(),
        seed=_read_count(top["seed"]),
        exercise_id=exercise["id"].text(),
        exercise_version=exercise["version"].integer(),
        suite_digest=top["suite_digest"].text(),
        submission_digest=top["submission_digest"].text(),
        versions=top["versions"].mapping(),
        integrity=_read_texts(top["integrity"]),
        message=top["message"].text(),
        created=top["created"].text(),
    )


def _task(task: TaskScore, lang: Lang | None) -> Document:
    return {"id": task.id, "title": _text(task.title, lang), "score": task.score, "max_score": task.max_score}


def _case(case: Outcome, lang: Lang | None) -> Document:
    cause = case.cause
    return {
        "id": case.id,
        "task": case.task,
        "visibility": case.visibility,
        "status": case.status.value,
        "title": _text(case.title, lang),
        "duration_ms": _known(case.duration_ms),
        "message": case.message.get(lang or "en"),
        **({} if lang else {"message_zh": case.message.zh}),
        "output": case.output,
        "call": case.call,
        "cause": cause and {"expected": cause.expected, "actual": cause.actual, "worst_index": cause.worst_index},
    }


def _diagnosis(diagnosis: Diagnosis, lang: Lang | None) -> Document:
    return {
        "mutant": diagnosis.mutant,
        "title": _text(diagnosis.title, lang),
        "advice": _text(diagnosis.advice, lang),
        "likeness": diagnosis.likeness,
    }


def _resources(resources: Resources) -> Document:
    return {
        "wall_ms": _known(resources.wall_ms),
        "cpu_ms": _known(resources.cpu_ms),
        "peak_rss_bytes": _known(resources.peak_rss_bytes),
    }


def _text(text: Text, lang: Lang | None) -> str | dict[str, str]:
    return {"en": text.en, "zh": text.zh} if lang is None else text.get(lang)


def _known(number: float) -> float | None:
    return None if number == WITHHELD else number


def _plain(value: Any) -> Any:
    """`value` with every string made safe for JSON and every number finite or None."""
    if isinstance(value, str):
        return for_json(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {for_json(name): _plain(item) for name, item in value.items()}
    return value


def _read_status(field: Field) -> Status:
    return Status(field.one_of(Status))


def _read_task(field: Field) -> TaskScore:
    task = field.record("id", "title", "score", "max_score")
    return TaskScore(
        id=task["id"].text(),
        title=_read_text(task["title"]),
        score=task["score"].number(),
        max_score=task["max_score"].number(),
    )


def _read_case(field: Field) -> Outcome:
    case = field.record(*_CASE, optional=["message_zh", "call"])  # 0.1 had neither
    message = case["message"].text()
    return Outcome(
        id=case["id"].text(),
        task=case["task"].text(),
        visibility=cast(Visibility, case["visibility"].one_of(["public", "hidden"])),
        title=_read_title(case["title"]),
        status=_read_status(case["status"]),
        duration_ms=_read_measure(case["duration_ms"]),
        message=Text(en=message, zh=case["message_zh"].text() if "message_zh" in case else message),
        output=case["output"].text(),
        cause=None if case["cause"].is_null else _read_cause(case["cause"]),
        call=case["call"].text() if "call" in case else "",
    )


def _read_cause(field: Field) -> Cause:
    cause = field.record("expected", "actual", "worst_index")
    worst = cause["worst_index"]
    return Cause(
        expected=cause["expected"].text(),
        actual=cause["actual"].text(),
        worst_index=None if worst.is_null else worst.text(),
    )


def _read_diagnosis(field: Field) -> Diagnosis:
    given = field.record("mutant", "title", "advice", optional=("likeness",))  # older documents lack it
    likeness = given["likeness"].one_of(get_args(Likeness)) if "likeness" in given else "behaves_like"
    return Diagnosis(
        mutant=given["mutant"].text(),
        title=_read_text(given["title"]),
        advice=_read_text(given["advice"]),
        likeness=cast("Likeness", likeness),
    )


def _read_resources(field: Field) -> Resources:
    given = field.record("wall_ms", "cpu_ms", "peak_rss_bytes")
    return Resources(
        wall_ms=_read_measure(given["wall_ms"]),
        cpu_ms=_read_measure(given["cpu_ms"]),
        peak_rss_bytes=_read_count(given["peak_rss_bytes"]),
    )


def _read_text(field: Field) -> Text:
    both = field.record("en", "zh")
    return Text(en=both["en"].text(), zh=both["zh"].text())


def _read_title(field: Field) -> Text:
    """A case's title; before 0.2 there was one language."""
    return Text(en=field.text(), zh=field.text()) if field.is_text else _read_text(field)


def _read_texts(field: Field) -> tuple[str, ...]:
    return tuple(item.text() for item in field.items())


def _read_measure(field: Field) -> float:
    return float(WITHHELD) if field.is_null else field.number()


def _read_count(field: Field) -> int:
    return WITHHELD if field.is_null else field.integer()
