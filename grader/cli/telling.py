"""How a verdict on a person's own work is told: what matters first, and last what to do next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.cli.handed_out import given_sources
from grader.cli.recording import is_own_work
from grader.engine.news import Late
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.practice.repairs import repair_in
from grader.report.catalogue import say
from grader.report.terminal import Telling


def late_note(note: Callable[[str], None], lang: Lang) -> Late:
    """Has `note` write which case its time limit ended, as soon as it has: a loop that never ends shows at once."""
    return lambda title, seconds: note(say("late", lang, title=title.get(lang).rstrip(".。"), seconds=f"{seconds:.1f}"))


def telling_of(verdict: Verdict, file: Path, exercise: Exercise, lang: Lang, *, whole: bool = False) -> Telling:
    """The first failure alone unless `whole`; in a workspace, whether anything was written, and what to do next."""
    left_out = not whole and sum(case.status is not Status.ACCEPTED for case in verdict.cases) > 1
    then = [say("then.verbose", lang)] if left_out else []
    if not is_own_work(file, exercise):
        return Telling(whole=whole, then=tuple(then))
    repair = repair_in(file.parent, exercise)
    stubs = {Submission(name="", source=source).digest for source in given_sources(exercise, None)}
    untouched = repair is None and verdict.submission_digest in stubs  # what a repair task gives fails somewhere
    if verdict.status is Status.ACCEPTED:
        return Telling(whole=whole, then=(say("then.solved", lang),))
    advice = say("then.mend" if repair or not exercise.hints else "then.try", lang)
    if untouched:
        return Telling(whole=whole, untouched=True, then=(advice,))
    return Telling(whole=whole, then=(advice, *then))
