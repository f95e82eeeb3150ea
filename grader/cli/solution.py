"""`viva solution`: the reference and other right solutions, for a person who has solved the exercise."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.language import choose
from grader.cli.workspace import find_solution
from grader.content.yaml_source import read_prose
from grader.errors import UsageError
from grader.model.exercise import Exercise
from grader.model.progress import Solved
from grader.model.text import Lang
from grader.model.verdict import Status
from grader.practice.clock import SystemClock
from grader.practice.ports import ProgressStore
from grader.practice.repairs import has_seen_reference, repair_in
from grader.report.catalogue import say, say_both
from grader.report.console import Console
from grader.report.page import Page
from grader.report.prose import prose

CODE_WIDTH = 120
YES = {"y", "yes", "是", "好"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionOrder:
    """What was asked for on the command line."""

    slug: str
    own: Path | None
    yes: bool
    data: Path | None
    isolation: str
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]


def run(order: SolutionOrder) -> int:
    """Show the solutions; the exit status. Raises UsageError and StoreError."""
    lang = choose(order.lang)
    exercise = wiring.open_exercise(order.slug, order.packs)
    store = wiring.open_progress(order.data)
    allowed = order.yes or has_seen_reference(exercise.id, store.solved()) or _is_right(order, exercise, store, lang)
    if not allowed and not _insists(exercise.id, lang):
        print(say("solution.kept_back", lang))
        return NOT_ACCEPTED
    _show(exercise, lang)
    return DONE


def _is_right(order: SolutionOrder, exercise: Exercise, store: ProgressStore, lang: Lang) -> bool:
    """Grade what the person has, where `viva start` or they themselves put it; remember that it was accepted."""
    path = order.own or find_solution(order.slug)
    if path is None:
        return False
    if not path.is_file():
        raise UsageError(
            f"there is no file {path}; name your solution, or leave it out",
            f"没有文件 {path}；请指定你的解答，或省略它",
        )
    from grader.grading.grade import Options, grade
    from grader.grading.intake import read_submission

    options = Options(diagnose=False, strict=order.isolation == "strict", lang=lang)
    with wiring.open_engine(order.isolation, warm=False) as engine:
        verdict = grade(exercise, read_submission(path, exercise), engine, options)
    if verdict.status is not Status.ACCEPTED:
        return False
    now = SystemClock().now().astimezone(UTC)
    repair = repair_in(path.parent, exercise)
    store.mark_solved(Solved(exercise=repair.key if repair else exercise.id, version=exercise.version, at=now))
    return True


def _insists(slug: str, lang: Lang, ask: Callable[[str], str] = input) -> bool:
    """Asked twice; without a person to ask, UsageError."""
    if not sys.stdin.isatty():
        raise UsageError(*say_both("solution.need_yes", slug=slug))
    try:
        return all(
            ask(say(key, lang, slug=slug) + " ").strip().lower() in YES
            for key in ("solution.ask", "solution.ask_again")
        )
    except EOFError:
        return False


def _show(exercise: Exercise, lang: Lang) -> None:
    """Reference, alternatives, notes: coloured at a terminal, as Markdown in a pipe."""
    console = Console(file=sys.stdout, highlight=False)
    page = Page(console, lang, CODE_WIDTH)
    parts = [(page.say("solution.reference"), exercise.solution)]
    parts += [(page.say("solution.alternative", name=path.stem), path) for path in exercise.alternatives]
    for heading, path in parts:
        _print(console, f"## {heading}\n\n```python\n{read_prose(path).rstrip()}\n```\n")
    notes = exercise.private_dir / "notes.md"
    if notes.is_file():
        _print(console, f"## {page.say('solution.notes')}\n\n{read_prose(notes).strip()}\n")


def _print(console: Console, markdown: str) -> None:
    if not console.is_terminal:
        console.print(markdown, markup=False, soft_wrap=True)
        return
    console.print(prose(markdown), width=min(console.width, CODE_WIDTH))
    console.print()
