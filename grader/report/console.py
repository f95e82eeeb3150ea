"""Where everything is drawn, and so the one place where what strangers wrote is made printable.

Entry texts, statements, names of files, a candidate's output and tracebacks may hold escapes, control characters and
marks that reverse a line. Whatever is printed goes through one of two: `Console` takes care of what rich lays out, each
piece of text before it is coloured, and `Printable`
(`grader.report.printable`), in the place of a standard stream, of what is written as it is.
Rich is let through to the stream itself, because the escapes that it writes are ours.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from rich import console as rich_console
from rich.segment import Segment

from grader.report.escaping import as_it_is, known_encoding


class Console(rich_console.Console):
    """A console of rich's that shows every text literally."""

    @property
    def file(self) -> IO[str]:
        """The stream itself: while rich draws something that moves, it stands in front of a `Printable` of ours."""
        file = super().file
        while (behind := getattr(file, "rich_proxied_file", None)) is not None:
            file = behind
        return file

    @file.setter
    def file(self, new_file: IO[str]) -> None:
        self._file = new_file

    def render(self, *arguments: Any, **options: Any) -> Iterable[Segment]:
        """The segments of a renderable; those that are not control codes of rich's own are made printable."""
        encoding = known_encoding(self.encoding)
        for segment in super().render(*arguments, **options):
            yield segment if segment.control else Segment(as_it_is(segment.text, encoding), segment.style)


@contextmanager
def paged(console: Console) -> Iterator[None]:
    """What is printed within goes through the person's pager, at a terminal where it is longer than the screen."""
    if not console.is_terminal or not sys.stdin.isatty() or shutil.which("less") is None or "TERM" not in os.environ:
        yield
        return
    os.environ.setdefault("LESS", "FRX")  # quits by itself where one screen is enough, keeps colours and what was shown
    with console.pager(styles=True):
        yield
