"""The bar that many submissions are graded under."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.console import Console


@contextmanager
def grading_bar(total: int, lang: Lang, *, hidden: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Call what it gives with how many of how many are done. There is no bar for one, or where no terminal is."""
    console = Console(stderr=True)
    if hidden or total <= 1 or not console.is_terminal:
        yield lambda _done, _of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(say("grading", lang), total=total)
        yield lambda done, of: progress.update(task, completed=done, total=of)
