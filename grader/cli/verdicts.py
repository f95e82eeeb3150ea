"""Verdicts as they come, and on the screen: the part of `viva grade` that is not needed before grading has begun."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED, OUR_ERROR
from grader.cli.grade import WHOLE_UP_TO, GradeOrder
from grader.cli.grading_bar import grading_bar
from grader.cli.recording import record
from grader.cli.telling import late_note, telling_of
from grader.errors import unwritable
from grader.files import write_file
from grader.grading.grade import Options, grade_all
from grader.grading.intake import Rejection
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.practice.repairs import repair_in
from grader.report.as_json import dumps
from grader.report.console import Console
from grader.report.feedback import redact
from grader.report.junit import to_xml
from grader.report.machine import print_plain
from grader.report.repairs import withhold
from grader.report.terminal import render_summary, render_verdict


def graded(
    order: GradeOrder,
    exercise: Exercise,
    submissions: list[tuple[Path, Submission | Rejection]],
    engine: wiring.AnyEngine,
    lang: Lang,
) -> Iterator[Verdict]:
    """Redacted verdicts on what the files hold, as they come; with `--json` each is printed at once."""
    total = len(submissions)
    with grading_bar(total, lang, hidden=order.as_json) as bar:
        options = Options(
            seed=order.seed,
            device=order.device,
            diagnose=order.feedback == "full",
            strict=order.isolation == "strict",
            lang=lang,
            late=None if order.feedback == "score" else late_note(bar.note, lang),
        )
        verdicts = grade_all(exercise, (submission for _, submission in submissions), engine, options, order.jobs)
        for done, (verdict, (file, _)) in enumerate(zip(verdicts, submissions, strict=True), 1):
            bar.tell(done, total)
            shown = redact(withhold(verdict, repair_in(file.parent, exercise)), order.feedback, lang)
            if order.feedback == "full" and total == 1:  # many are other people's, whatever their folders say
                record(file, exercise, verdict, order.data, lang)
            if order.as_json:
                print_plain(dumps(shown))
            yield shown


def show(order: GradeOrder, exercise: Exercise, verdicts: list[Verdict], files: Sequence[Path], lang: Lang) -> int:
    """Print verdicts that `graded` has not printed, and write the JUnit file; returns the exit status."""
    if order.junit is not None:
        try:
            write_file(order.junit, to_xml(verdicts, lang))
        except OSError as error:
            raise unwritable(
                f"--junit {order.junit}", error.strerror, "name another file", "请指定另一个文件"
            ) from error
    if not order.as_json:
        console = Console(file=sys.stdout)
        if order.verbose or len(verdicts) <= WHOLE_UP_TO:
            for verdict, file in zip(verdicts, files, strict=True):
                telling = telling_of(verdict, file, exercise, lang, whole=order.verbose)
                render_verdict(verdict, console, lang, exercise.title.get(lang), telling)
                console.print()
        if len(verdicts) > 1:
            render_summary(verdicts, console, lang)
    return exit_status(verdicts)


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """0 when all are accepted, 2 when we failed on one, else 1."""
    found = {verdict.status for verdict in verdicts}
    if Status.JUDGE_ERROR in found:
        return OUR_ERROR
    return DONE if found <= {Status.ACCEPTED} else NOT_ACCEPTED
