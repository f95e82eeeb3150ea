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
from grader.report.layout import wrap

NAME_WIDTH: Final = 28

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
        """One line, however long; blanks at its end are dropped."""
        line = Line.assemble(*spans, no_wrap=True, overflow="ignore")
        line.rstrip()
        self.console.print(line, soft_wrap=True, highlight=False)

    def hang(self, lead: Sequence[Span], body: str, style: str = "") -> None:
        """`lead`, and `body` beside it in as many lines as it takes."""
        indent = sum(cell_len(text) for text, _ in lead)
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
