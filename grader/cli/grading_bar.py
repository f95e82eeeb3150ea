"""The bar that many submissions are graded under."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grader.cli.waiting import Note, waiting
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.console import Console


def _ignore(*_: object) -> None:
    """Where nobody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingBar:
    """How many of how many are done; and, while one is graded, a line that stays."""

    tell: Callable[[int, int], None] = _ignore
    note: Note = _ignore


@contextmanager
def grading_bar(total: int, lang: Lang, *, hidden: bool = False) -> Iterator[GradingBar]:
    """Have it told how many of how many are done. One submission has no bar, and is waited for with room for notes.

    Nothing is shown where no terminal is.
    """
    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield GradingBar()
        return
    if total <= 1:
        with waiting(say("grading.one", lang)) as note:
            yield GradingBar(note=note)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(say("grading", lang), total=total)
        yield GradingBar(tell=lambda done, of: progress.update(task, completed=done, total=of))
