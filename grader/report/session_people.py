"""Who takes part in a session, at a terminal and as JSON (`viva.session-candidates/1`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console

from grader.model.session import Session
from grader.model.session_results import Attempt, Judged, Sheet, Turned
from grader.model.text import Lang
from grader.report.page import Page
from grader.report.session_terminal import WIDTH, write_table

SCHEMA = "viva.session-candidates/1"
_HEAD = (
    "session.column.hand_ins",
    "session.column.code",
    "session.column.rubrics",
    "session.column.candidate",
)


class PersonLike(Protocol):
    """One candidate, and what was recorded of them."""

    @property
    def key(self) -> str: ...  # noqa: D102 - as its name says
    @property
    def name(self) -> str: ...  # noqa: D102 - the same
    @property
    def attempts(self) -> tuple[Attempt, ...]: ...  # noqa: D102 - the same
    @property
    def verdicts(self) -> tuple[Judged, ...]: ...  # noqa: D102 - the same
    @property
    def rubrics(self) -> tuple[Sheet, ...]: ...  # noqa: D102 - the same


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody of one session, and what was refused."""

    session: Session
    people: Sequence[PersonLike]
    refused: Sequence[Turned]


def render_people(found: Sequence[People], console: Console, lang: Lang) -> None:
    """Print a line for each candidate: hand-ins, coding questions with a verdict, rubrics, name."""
    page = Page(console, lang, WIDTH)
    for one in found:
        if len(found) > 1:
            form = {"form": str(one.session.form), "forms": str(one.session.forms)}
            page.write((page.say("session.form", **form), "bold"))
        if one.people:
            rows = [tuple(page.say(key) for key in _HEAD), *(_row(page, person) for person in one.people)]
            write_table(page, rows, right=(0, 1))
        else:
            page.write((page.say("session.no_people"), "dim"))
        for turned in one.refused:
            reason = page.text(turned.reason)
            page.write((page.say("session.refused", name=page.one_line(turned.archive), reason=reason), "red"))


def render_said(key: str, console: Console, lang: Lang, **fields: str) -> None:
    """Print one sentence of ours about people."""
    page = Page(console, lang, WIDTH)
    page.write((page.say(key, **{name: page.one_line(text) for name, text in fields.items()}), ""))


def people_document(found: Sequence[People]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "schema": SCHEMA,
        "sessions": [
            {
                "code": one.session.code,
                "form": one.session.form,
                "candidates": [_plain(person) for person in one.people],
                "refused": [
                    {"archive": t.archive, "reason": {"en": t.reason.en, "zh": t.reason.zh}} for t in one.refused
                ],
            }
            for one in found
        ],
    }


def _row(page: Page, person: PersonLike) -> tuple[str, ...]:
    counts = Counter(page.one_line(sheet.interviewer) or page.say("session.nobody_named") for sheet in person.rubrics)
    by = ", ".join(f"{who} ({count})" if count > 1 else who for who, count in counts.items())
    own = "" if person.name == person.key else f" ({page.one_line(person.name)})"
    return (str(len(person.attempts)), str(_coded(person)), by or "-", page.one_line(person.key) + own)


def _coded(person: PersonLike) -> int:
    return len({judged.question for judged in person.verdicts})


def _plain(person: PersonLike) -> dict[str, Any]:
    return {
        "candidate": person.key,
        "name": person.name,
        "hand_ins": [attempt.archive for attempt in person.attempts],
        "graded_questions": sorted({judged.question for judged in person.verdicts}),
        "rubrics": [{"interviewer": sheet.interviewer, "at": sheet.at} for sheet in person.rubrics],
    }
