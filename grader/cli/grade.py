"""`viva grade`: submissions in, verdicts out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grader import wiring
from grader.cli.app import DONE, NOT_ACCEPTED, OUR_ERROR
from grader.cli.language import choose
from grader.errors import UsageError
from grader.grading.grade import Options, grade_all
from grader.grading.intake import Rejection, find_submissions, read_submission
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.report.as_json import dumps
from grader.report.feedback import Level, redact
from grader.report.junit import to_xml
from grader.report.terminal import render_summary, render_verdict

WHOLE_UP_TO = 3  # more verdicts than this are shown as a table


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOrder:
    """What the command line asked for."""

    slug: str
    paths: tuple[Path, ...]
    as_json: bool
    seed: int | None
    device: str
    jobs: int
    feedback: Level
    junit: Path | None
    verbose: bool
    isolation: str
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]


def run(order: GradeOrder) -> int:
    """Grade and print; returns the exit status."""
    if order.device == "cuda":
        raise UsageError("this version grades on the CPU only; leave --device out or use `--device cpu`")
    if order.seed is not None and not 0 <= order.seed < 2**63:
        raise UsageError(f"--seed is {order.seed}; give a whole number from 0 to 2^63 - 1")
    lang = choose(order.lang)
    exercise = wiring.open_exercise(order.slug, order.packs)
    files = find_submissions(order.paths)
    if order.junit is not None and not order.junit.resolve().parent.is_dir():
        raise UsageError(f"--junit: the folder of {order.junit} does not exist; make it first")
    with wiring.open_engine(order.isolation, warm=len(files) > WHOLE_UP_TO) as engine:
        submissions = [read_submission(file, exercise) for file in files]
        verdicts = list(_verdicts(order, exercise, submissions, engine, lang))
    return _show(order, exercise, verdicts, lang)


def _verdicts(
    order: GradeOrder,
    exercise: Exercise,
    submissions: list[Submission | Rejection],
    engine: wiring.AnyEngine,
    lang: Lang,
) -> Iterator[Verdict]:
    """Redacted verdicts as they come; with `--json` each is printed at once."""
    options = Options(seed=order.seed, diagnose=order.feedback == "full", strict=order.isolation == "strict", lang=lang)
    if any(isinstance(submission, Submission) for submission in submissions):
        engine.start(exercise)
    verdicts = grade_all(exercise, submissions, engine, options, order.jobs)
    for verdict in _with_progress(verdicts, len(submissions), hidden=order.as_json):
        shown = redact(verdict, order.feedback, lang)
        if order.as_json:
            print(dumps(shown), flush=True)
        yield shown


def _with_progress(verdicts: Iterable[Verdict], total: int, *, hidden: bool) -> Iterator[Verdict]:
    console = Console(stderr=True)
    if hidden or total == 1 or not console.is_terminal:
        yield from verdicts
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("grading", total=total)
        for verdict in verdicts:
            progress.advance(task)
            yield verdict


def _show(order: GradeOrder, exercise: Exercise, verdicts: list[Verdict], lang: Lang) -> int:
    if order.junit is not None:
        try:
            order.junit.write_bytes(to_xml(verdicts, lang))
        except OSError as error:
            raise UsageError(f"--junit: {order.junit} cannot be written ({error.strerror})") from error
    if not order.as_json:
        console = Console(file=sys.stdout)
        if order.verbose or len(verdicts) <= WHOLE_UP_TO:
            for verdict in verdicts:
                render_verdict(verdict, console, lang, exercise.title.get(lang))
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
