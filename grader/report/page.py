"""A screen to write on: what the renderings of one verdict and of many have in common.

No boxes are drawn and nothing depends on colour, so that a pipe, a dumb terminal and NO_COLOR lose no information;
where the encoding is not a Unicode one, marks and bars are ASCII, and Chinese that it cannot carry gives way to
English. Text of the candidate's making is shown literally: it goes through `for_terminal` and is never read as markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Line

from grader.model.text import Lang, Text
from grader.model.verdict import Status
from grader.report.catalogue import CATALOGUE, say
from grader.report.escaping import can_carry, for_terminal, known_encoding
from grader.report.layout import break_points, words, wrap

NAME_WIDTH: Final = 28
BELOW: Final = "    "  # where a text goes that finds no room beside its lead
LEAST: Final = 20  # cells: in narrower columns a text cannot be read

Span = tuple[str, str]  # text and rich style

_COLOURS: Final = {
    Status.ACCEPTED: "green",
    Status.TIME_LIMIT: "yellow",
    Status.MEMORY_LIMIT: "yellow",
    Status.OUTPUT_LIMIT: "yellow",
    Status.REJECTED: "magenta",
    Status.JUDGE_ERROR: "cyan",
}


class Page:
    """Where lines go: a console, the language and the characters that it can carry, and a width in cells."""

    def __init__(self, console: Console, lang: Lang, widest: int) -> None:
        self.console = console
        self.encoding = known_encoding(console.encoding)
        self.lang: Lang = lang if can_carry(self.encoding, CATALOGUE["our_fault"].get(lang)) else "en"
        self.width = max(min(console.width, widest), 20)
        self.unicode = self.encoding.startswith("utf") and not console.legacy_windows
        self.dot = " · " if self.unicode else " - "
        self.ellipsis = "…" if self.unicode else "..."

    def say(self, key: str, **fields: str) -> str:
        """A sentence of ours."""
        return say(key, self.lang, **fields)

    def show(self, text: str) -> str:
        """Candidate text, harmless."""
        return for_terminal(text, self.encoding)

    def one_line(self, text: str) -> str:
        """Candidate text, harmless and without line ends: a name cannot add a line that looks like ours."""
        return self.show(text).replace("\n", " ")

    def text(self, text: Text) -> str:
        """One language of a text of the content's."""
        return self.show(text.get(self.lang))

    def mark(self, status: Status) -> str:
        """One character that tells passed, failed and our own failure apart without colour."""
        if status is Status.JUDGE_ERROR:
            return "!"
        if status is Status.ACCEPTED:
            return "✓" if self.unicode else "+"
        return "✗" if self.unicode else "x"

    def write(self, *spans: Span) -> None:
        """One line; at a terminal that is too narrow for it, several, which end between words."""
        line = Line.assemble(*spans)
        line.rstrip()
        for part in fold(line, self.console.width) if self.console.is_terminal else [line]:
            self._print(part)

    def write_whole(self, text: str, style: str = "") -> None:
        """One line, however long: a command, which somebody will copy."""
        self._print(Line(text, style))

    def _print(self, line: Line) -> None:
        line.no_wrap, line.overflow = True, "ignore"
        self.console.print(line, soft_wrap=True, highlight=False)

    def hang(self, lead: Sequence[Span], body: str, style: str = "") -> None:
        """`lead`, and `body` beside it in as many lines as it takes; below it where there is no room beside it."""
        indent = sum(cell_len(text) for text, _ in lead)
        if indent > len(BELOW) and not has_room(body, self.width - indent) and has_room(body, self.width - len(BELOW)):
            self.write(*lead)
            lead, indent = [(BELOW, "")], len(BELOW)
        first, *others = wrap(body, max(self.width - indent, 10))
        self.write(*lead, (first, style))
        for line in others:
            self.write((" " * indent, ""), (line, style))

    def flow(self, margin: str, parts: Iterable[str], style: str) -> None:
        """`parts` one after another, in as many lines as it takes; a line ends between two of them."""
        line = ""
        for part in parts:
            longer = f"{line}{self.dot}{part}" if line else part
            if line and cell_len(margin + longer) > self.width:
                self.write((margin + line, style))
                longer = part
            line = longer
        self.write((margin + line, style))


def has_room(body: str, room: int) -> bool:
    """Whether each word of `body` fits into lines of so many cells, and short lines are not all there is."""
    longest = max((cell_len(word) for word in words(body)), default=0)
    return longest <= room and (room >= LEAST or cell_len(body) <= room)


def fold(line: Line, width: int) -> list[Line]:
    """`line` in parts of at most `width` cells, each as far in as the first, that end between words."""
    text = line.plain
    margin = line[: len(text) - len(text.lstrip(" "))]
    body = line[len(margin) :]
    return [margin + body[begin:end] for begin, end in break_points(body.plain, max(width - len(margin), 10))]


def colour(status: Status) -> str:
    """The rich colour of `status`."""
    return _COLOURS.get(status, "red")


def points(number: float) -> str:
    """At most two decimals, and none that say nothing."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def is_measured(number: float) -> bool:
    """Whether `number` was measured, and is not withheld."""
    return math.isfinite(number) and number > 0


def duration(milliseconds: float) -> str:
    """Milliseconds or seconds, whichever reads better."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
