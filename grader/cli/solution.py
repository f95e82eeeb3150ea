"""`viva solution`: the reference and other right solutions, for a person who has solved the exercise."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.language import choose
from grader.cli.recording import modules_of_work, record
from grader.cli.sentences import prompt, tell
from grader.cli.target import Target, find_target
from grader.content.yaml_source import read_prose
from grader.errors import UsageError
from grader.model.exercise import Exercise
from grader.model.text import Lang
from grader.model.verdict import Status
from grader.practice.repairs import has_seen_reference
from grader.report.catalogue import say, say_both
from grader.report.console import Console, paged
from grader.report.page import Page
from grader.report.prose import prose

CODE_WIDTH = 120
SHOWN_ALIKE = 4  # lines that an alternative shares with the reference, in a row
YES = {"y", "yes", "是", "好"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionOrder:
    """What was asked for on the command line."""

    words: tuple[str, ...]
    yes: bool
    data: Path | None
    isolation: str
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]


def run(order: SolutionOrder) -> int:
    """Show the solutions; the exit status. Raises UsageError and StoreError."""
    lang = choose(order.lang)
    target = find_target(order.words, order.packs)
    slug = target.exercise.id
    solved = wiring.open_progress(order.data).solved()
    if not (order.yes or has_seen_reference(slug, solved) or _is_right(order, target, lang)) and not _insists(
        slug, lang
    ):
        tell(say("solution.kept_back", lang, slug=slug))
        return NOT_ACCEPTED
    _show(target.exercise, lang)
    return DONE


def _is_right(order: SolutionOrder, target: Target, lang: Lang) -> bool:
    """Grade what the person has, where `viva start` or they themselves put it; it counts as a try like any other."""
    if not target.files:
        return False
    path, exercise = target.file, target.exercise
    if not path.is_file():
        raise UsageError(
            f"there is no file {path}; name your solution, or leave it out",
            f"没有文件 {path}；请指定你的解答，或省略它",
        )
    from grader.grading.grade import Options, grade
    from grader.grading.intake import read_submission

    options = Options(diagnose=False, strict=order.isolation == "strict", lang=lang)
    with wiring.open_engine(order.isolation, warm=False) as engine:
        submission = read_submission(path, exercise, modules_of_work(path, exercise))
        verdict = grade(exercise, submission, engine, options)
    record(path, exercise, verdict, order.data, lang)
    return verdict.status is Status.ACCEPTED


def _insists(slug: str, lang: Lang, ask: Callable[[str], str] = input) -> bool:
    """Asked twice; without a person to ask, UsageError."""
    if not sys.stdin.isatty():
        raise UsageError(*say_both("solution.need_yes", slug=slug))
    try:
        return all(
            ask(prompt(say(key, lang, slug=slug))).strip().lower() in YES
            for key in ("solution.ask", "solution.ask_again")
        )
    except EOFError:
        return False


def _show(exercise: Exercise, lang: Lang) -> None:
    """The reference, and of each other solution what is different; coloured at a terminal, as Markdown in a pipe."""
    console = Console(file=sys.stdout, highlight=False)
    page = Page(console, lang, CODE_WIDTH)
    reference = read_prose(exercise.solution).rstrip()
    with paged(console):
        _print(console, f"## {page.say('solution.reference')}\n\n```python\n{reference}\n```\n")
        for path in exercise.alternatives:
            heading = page.say("solution.alternative", name=path.stem.replace("_", " "))
            _print(
                console, f"## {heading}\n\n```python\n{_different(reference, read_prose(path).rstrip(), lang)}\n```\n"
            )


def _different(reference: str, alternative: str, lang: Lang) -> str:
    """The alternative, where long runs of lines that are the reference's are left out."""
    ours, theirs = reference.splitlines(), alternative.splitlines()
    shown: list[str] = []
    for what, _, _, begin, end in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        lines = theirs[begin:end]
        if what == "equal" and len(lines) > SHOWN_ALIKE:
            indent = " " * (len(lines[0]) - len(lines[0].lstrip()))
            lines = [f"{indent}# … {say('solution.alike', lang, count=str(len(lines)))}"]
        shown += lines
    return "\n".join(shown)


def _print(console: Console, markdown: str) -> None:
    if not console.is_terminal:
        console.print(markdown, markup=False, soft_wrap=True)
        return
    console.print(prose(markdown), width=min(console.width, CODE_WIDTH))
    console.print()
