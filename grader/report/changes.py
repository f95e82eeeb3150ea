"""What is different between two verdicts on one file."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.report.catalogue import say

MAX_NAMES = 3


def changes(before: Verdict | None, after: Verdict, lang: Lang) -> list[str]:
    """Lines for people: the score, the cases that pass now and those that no longer do, by their titles."""
    if before is None:
        return [say("watch.first", lang)]
    lines = []
    if before.score != after.score:
        lines.append(say("watch.score", lang, before=f"{before.score:g}", after=f"{after.score:g}"))
    old, new = _passed(before), _passed(after)
    titles = {case.id: case.title.get(lang) or case.id for case in (*before.cases, *after.cases)}
    for key, cases in (
        ("watch.fixed", [case for case, passed in new.items() if passed and not old.get(case)]),
        ("watch.broken", [case for case, passed in old.items() if passed and not new.get(case)]),
    ):
        if cases:
            lines.append(say(key, lang, count=str(len(cases))))
            lines += _some([titles[case] for case in cases], lang)
    return lines or [say("watch.same", lang)]


def _passed(verdict: Verdict) -> Mapping[str, bool]:
    return {case.id: case.status is Status.ACCEPTED for case in verdict.cases}


def _some(titles: list[str], lang: Lang) -> list[str]:
    """The first titles, each once: a case that is run with several inputs has one title."""
    each = list(dict.fromkeys(titles))
    lines = [f"  {title}" for title in each[:MAX_NAMES]]
    return [*lines, "  " + say("watch.more", lang, count=str(len(each) - MAX_NAMES))] if each[MAX_NAMES:] else lines
