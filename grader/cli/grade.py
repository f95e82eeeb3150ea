"""`viva grade`: submissions in, verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader import wiring
from grader.cli.checks import check_folder_of, check_seed
from grader.cli.language import choose
from grader.cli.lasting import open_lasting
from grader.cli.recording import modules_of_work
from grader.cli.sentences import tell_aside
from grader.cli.target import find_target
from grader.grading import examiners
from grader.grading.intake import Found, Left, Rejection, find_submissions, read_submission
from grader.grading.rejection import printable
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Lang
from grader.practice.workspace import workspace_at
from grader.report.catalogue import say

if TYPE_CHECKING:
    from grader.report.feedback import Level

WHOLE_UP_TO = 3  # more verdicts than this are shown as a table


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOrder:
    """What the command line asked for."""

    words: tuple[str, ...]
    as_json: bool
    seed: int | None
    device: str
    gpu_lanes: int
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
    check_seed(order.seed)
    examiners.start_early()
    lang = choose(order.lang)
    target = find_target(order.words, order.packs)
    exercise = target.exercise
    order = replace(order, device=wiring.device_for(order.device, exercise))
    found = _found(target.files or (target.file,), exercise)
    files = list(found.submissions)
    _tell_others(found.others, target.files, lang)
    check_folder_of("--junit", order.junit)
    warm = len(files) > WHOLE_UP_TO
    with open_lasting(order.isolation, lang, warm=warm, at_once=False, gpu_lanes=order.gpu_lanes) as engine:
        submissions = _read(found, exercise, engine, order.device)
        # While judge and guest start in processes of their own, the rest of the program is imported here.
        from grader.cli.verdicts import graded, show

        verdicts = list(graded(order, exercise, submissions, engine, lang))
    return show(order, exercise, verdicts, files, lang)


def _found(paths: Sequence[Path], exercise: Exercise) -> Found:
    """The submissions; a file alone that lies in a workspace is the person's own, and so is what it imports there."""
    found = find_submissions(paths, exercise, lambda folder: workspace_at(folder) is not None)
    file = found.submissions[0]
    if len(paths) == 1 and not paths[0].is_dir():
        return replace(found, modules={file: modules_of_work(file, exercise)})
    return found


def _tell_others(others: Sequence[Left], given: Sequence[Path], lang: Lang) -> None:
    """What lies among submissions and is not graded is named, all of it: a hand-in never vanishes without a word."""
    for why in dict.fromkeys(left.why for left in others):
        names = ", ".join(printable(_named(left.path, given)) for left in others if left.why == why)
        tell_aside(say(f"grade.others.{why}", lang, names=names))


def _named(path: Path, given: Sequence[Path]) -> str:
    """A path below the folder that was given."""
    above = next((folder for folder in given if folder in path.parents), path.parent)
    return str(path.relative_to(above))


def _read(
    found: Found, exercise: Exercise, engine: wiring.AnyEngine, device: str
) -> list[tuple[Path, Submission | Rejection]]:
    """The files and what they hold; the engine starts when there is something to judge, while the rest is read."""
    submissions = []
    started = False
    for file in found.submissions:
        submission = read_submission(file, exercise, found.modules.get(file, ()))
        submissions.append((file, submission))
        if not started and isinstance(submission, Submission):
            engine.start(exercise, device)
            started = True
    return submissions
