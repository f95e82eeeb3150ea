"""`viva grade`: submissions in, verdicts out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader import wiring
from grader.cli.checks import check_folder_of, check_seed
from grader.cli.language import choose
from grader.cli.target import find_target
from grader.errors import UsageError
from grader.grading import examiners
from grader.grading.intake import Rejection, find_submissions, read_submission
from grader.grading.rejection import printable
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Lang
from grader.report.catalogue import say

if TYPE_CHECKING:
    from grader.report.feedback import Level

NAMED = 8  # files that are not graded
WHOLE_UP_TO = 3  # more verdicts than this are shown as a table


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOrder:
    """What the command line asked for."""

    words: tuple[str, ...]
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
    data: Path | None = None


def run(order: GradeOrder) -> int:
    """Grade and print; returns the exit status."""
    if order.device == "cuda":
        raise UsageError(
            "this version grades on the CPU only; leave --device out or use `--device cpu`",
            "此版本只在 CPU 上判题；请省略 --device，或用 `--device cpu`",
        )
    check_seed(order.seed)
    examiners.start_early()
    lang = choose(order.lang)
    target = find_target(order.words, order.packs)
    exercise = target.exercise
    found = find_submissions(target.files or (target.file,))
    files = list(found.submissions)
    _tell_others(found.others, lang)
    check_folder_of("--junit", order.junit)
    with wiring.open_engine(order.isolation, warm=len(files) > WHOLE_UP_TO) as engine:
        submissions = _read(files, exercise, engine)
        # While judge and guest start in processes of their own, the rest of the program is imported here.
        from grader.cli.verdicts import graded, show

        verdicts = list(graded(order, exercise, submissions, engine, lang))
    return show(order, exercise, verdicts, files, lang)


def _tell_others(others: Sequence[Path], lang: Lang) -> None:
    """What lies among submissions and is none is named: a hand-in never vanishes without a word."""
    if others:
        names = ", ".join(printable(path.name) for path in others[:NAMED])
        more = f" +{len(others) - NAMED}" if len(others) > NAMED else ""
        print(say("grade.others", lang, names=names + more), file=sys.stderr)


def _read(files: list[Path], exercise: Exercise, engine: wiring.AnyEngine) -> list[tuple[Path, Submission | Rejection]]:
    """The files and what they hold; the engine starts when there is something to judge, while the rest is read."""
    submissions = []
    started = False
    for file in files:
        submission = read_submission(file, exercise)
        submissions.append((file, submission))
        if not started and isinstance(submission, Submission):
            engine.start(exercise)
            started = True
    return submissions
