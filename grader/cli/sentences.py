"""Sentences of commands that draw no page: at a terminal their lines end between words.

Only the standard library is imported here, as in `ending`, which ends commands that could not be imported.
"""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

LEAST_COLUMNS = 20  # of a screen that anything can be read on


def tell(text: str, stream: TextIO | None = None) -> None:
    """Print a sentence, or several that stand below each other; on standard output unless a stream is given."""
    out = sys.stdout if stream is None else stream
    print("\n".join(part for line in text.split("\n") for part in folded(line, out)), file=out, flush=True)


def tell_aside(text: str) -> None:
    """The same on standard error: what is said beside the output, which a program may read."""
    tell(text, sys.stderr)


def prompt(text: str, stream: TextIO | None = None) -> str:
    """A question as a person is asked it, who answers behind its last line."""
    return "\n".join(folded(text, stream or sys.stdout)) + " "


def folded(line: str, stream: TextIO) -> list[str]:
    """The lines that it takes on the screen behind `stream`; elsewhere one sentence is one line."""
    if not stream.isatty():
        return [line]
    from grader.report.layout import break_points

    width = max(shutil.get_terminal_size().columns, LEAST_COLUMNS)
    margin = line[: len(line) - len(line.lstrip(" "))]
    body = line[len(margin) :]
    return [margin + body[begin:end] for begin, end in break_points(body, max(width - len(margin), LEAST_COLUMNS))]
