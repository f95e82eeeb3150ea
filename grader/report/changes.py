"""What is different between two verdicts on one file."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.report.catalogue import say

MAX_NAMES = 4


def changes(before: Verdict | None, after: Verdict, lang: Lang) -> list[str]:
    """Lines for people: the score, the cases that pass now, and those that no longer do."""
    if before is None:
        return [say("watch.first", lang)]
    lines = []
    if before.score != after.score:
        lines.append(say("watch.score", lang, before=f"{before.score:g}", after=f"{after.score:g}"))
    old, new = _passed(before), _passed(after)
    for key, names in (
        ("watch.fixed", [name for name, passed in new.items() if passed and not old.get(name)]),
        ("watch.broken", [name for name, passed in old.items() if passed and not new.get(name)]),
    ):
        if names:
            lines.append(say(key, lang, names=_some(names, lang)))
    return lines or [say("watch.same", lang)]


def _passed(verdict: Verdict) -> Mapping[str, bool]:
    return {case.id: case.status is Status.ACCEPTED for case in verdict.cases}


def _some(names: list[str], lang: Lang) -> str:
    rest = len(names) - MAX_NAMES
    shown = [name.partition("::")[2] or name for name in names[:MAX_NAMES]]
    return say("comma", lang).join([*shown, f"… (+{rest})"] if rest > 0 else shown)
