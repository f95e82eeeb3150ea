"""How much of a verdict a candidate is shown.

Whoever grades keeps the whole verdict; a candidate gets `redact(verdict, level)`, and every renderer is fed with that.

| level | for | what is left |
| --- | --- | --- |
| `full` | practice | everything |
| `titles` | hiring, with a hint | scores, public cases whole, of a hidden case its title, status and task |
| `score` | hiring | status, scores of the tasks, and how many cases passed |

The candidate's code *sees* the hidden inputs, so below `full` everything that it could use to carry them out is held
back, whoever wrote it: messages and output, of course, but also durations and memory (sleep for as many milliseconds
as the number that is to be learnt; so a verdict tells the minute in which it was made, no more), and
the details of a public case that ran after a hidden one, in which the code
may print what it was given before. So run public cases first. The id of a hidden case is replaced by a number, since
the parameters of a test are part of its name. The seed would give away every input at once. What no level can hide
is whether a case passed: a candidate who may submit often enough learns one bit each time.

A number that is held back is `WITHHELD`, which becomes `null` in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from grader.model.text import NOTHING, Lang
from grader.model.verdict import Outcome, Resources, Status, Verdict
from grader.report.catalogue import say

Level = Literal["full", "titles", "score"]
WITHHELD = -1  # a seed, a duration and a size are never negative


def redact(verdict: Verdict, level: Level, lang: Lang = "en") -> Verdict:
    """What a candidate may see of `verdict` at `level`; `lang` is only for the sentence that counts the cases."""
    if level == "full":
        return verdict
    shown = replace(
        verdict,
        diagnosis=(),
        integrity=(),
        seed=WITHHELD,
        resources=Resources(wall_ms=WITHHELD, cpu_ms=WITHHELD, peak_rss_bytes=WITHHELD),
        message=_shown_message(verdict),
        created=_to_the_minute(verdict.created),
    )
    if level == "titles":
        return replace(shown, cases=tuple(_titles_only(verdict.cases)))
    return replace(shown, cases=(), message=shown.message or _counts(verdict.cases, lang))


def _to_the_minute(created: str) -> str:
    """When a verdict was made tells how long the candidate's code ran."""
    return f"{created[:16]}:00+00:00" if created[16:] else created


def _shown_message(verdict: Verdict) -> str:
    """The verdict's message where it was written before any hidden input existed, and is not about a fault of ours."""
    saw_hidden = any(case.visibility == "hidden" for case in verdict.cases)
    return "" if saw_hidden or verdict.status is Status.JUDGE_ERROR else verdict.message


def _titles_only(cases: Iterable[Outcome]) -> Iterator[Outcome]:
    hidden = 0
    for case in cases:
        if case.visibility == "hidden":
            hidden += 1
            yield _bare(case, f"hidden::{hidden}")
        else:
            yield _bare(case, case.id) if hidden else case


def _bare(case: Outcome, name: str) -> Outcome:
    """Title, status, task and visibility of `case`, and nothing else; its id becomes `name`."""
    return replace(case, id=name, duration_ms=WITHHELD, message=NOTHING, output="", cause=None, call="")


def _counts(cases: tuple[Outcome, ...], lang: Lang) -> str:
    if not cases:
        return ""
    passed = sum(case.status is Status.ACCEPTED for case in cases)
    return say("counts", lang, passed=str(passed), total=str(len(cases)))
