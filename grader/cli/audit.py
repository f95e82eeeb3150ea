"""`viva audit`: what hostile submissions get out of an exercise."""

from __future__ import annotations

from pathlib import Path

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.content.yaml_source import read_prose
from grader.grading.bad_submissions import bad_answers, bad_ends
from grader.grading.grade import Options, grade, grade_all
from grader.grading.hostile import attacks_on, hurried
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict
from grader.report.console import Console


def run(slug: str, jobs: int, packs: tuple[Path, ...]) -> int:
    """Print one line per submission; 0 when the reference gets everything and nothing else gets anything."""
    exercise = wiring.open_exercise(slug, packs)
    console = Console(highlight=False)
    reference = Submission(name="the reference", source=read_prose(exercise.solution))
    stub = Submission(name="the stub", source=read_prose(exercise.stub))
    attacks = list(attacks_on(exercise))
    mechanisms = {submission.name: attack.mechanism for attack, submission in attacks}
    worthless = [stub, *bad_answers(exercise), *bad_ends(exercise), *(submission for _, submission in attacks)]
    options = Options(diagnose=False)
    with wiring.open_engine("strict", warm=True) as engine:
        holds = _line(
            console, grade(exercise, reference, engine, options), "gets full marks", wanted=exercise.max_score
        )
        for verdict in grade_all(hurried(exercise), worthless, engine, options, jobs):
            holds &= _line(console, verdict, mechanisms.get(verdict.submission, "a bad answer"), wanted=0.0)
        after = grade(exercise, reference, engine, options)
        holds &= _line(console, after, "gets full marks after all that", wanted=exercise.max_score)
    return DONE if holds else NOT_ACCEPTED


def _line(console: Console, verdict: Verdict, what: str, *, wanted: float) -> bool:
    accepted = verdict.status is Status.ACCEPTED
    good = verdict.score == wanted and accepted == (wanted > 0) and verdict.status is not Status.JUDGE_ERROR
    mark, style = ("✓", "green") if good else ("✗", "red")
    text = f"{mark} {verdict.submission:<20} {verdict.status:<14} {verdict.score:g}/{verdict.max_score:g}  {what}"
    console.print(text, style=style, markup=False, soft_wrap=True)
    if verdict.status is Status.JUDGE_ERROR:
        console.print(f"    {verdict.message}", markup=False, soft_wrap=True)
    return good
