"""A name that nearly matches: asked about at a terminal, refused in a pipe, never taken for another in silence."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from grader.errors import UsageError
from grader.model.session_results import Record, Sheet
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.sessions.names import nearest
from grader.sessions.people import current


def ask_whether_same(name: str, near: str, lang: Lang) -> bool | None:
    """Ask at the terminal whether two names mean one person; None where nobody is there to be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    import typer

    return typer.confirm(say("session.same_person", lang, name=name, near=near), err=True)


def settle(sheet: Sheet, path: Path, records: Iterable[Record], lang: Lang) -> Sheet:
    """The rubric under the name that it means. Raises UsageError where nobody can say whether a near one is meant."""
    near = nearest(sheet.candidate, current(records))
    same = ask_whether_same(sheet.candidate, near, lang) if near else False
    if same is None:
        name = sheet.candidate
        raise UsageError(
            f"{path}: candidate: {name!r} handed in nothing, but is nearly the name of {near!r}; write the name that "
            "is meant, or add --names-as-written (the rubric was not merged)",
            f"{path}：candidate：{name!r} 没有交卷，但与 {near!r} 几乎同名；请改成所指的名字，或加 --names-as-written"
            "（该评分表没有合并）",
        )
    return replace(sheet, candidate=near) if same else sheet
