"""A standard stream on which what strangers wrote is printable.

Rich is not imported here, so that `viva --help` answers at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO

from grader.report.escaping import as_it_is, known_encoding


class Printable:
    r"""A text stream that writes what can be printed, the rest as `\x1b`; otherwise the stream that it stands for."""

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream  # rich looks for this name

    def write(self, text: str) -> int:
        """Write a text, printable."""
        stream = self.rich_proxied_file
        return stream.write(as_it_is(text, known_encoding(stream.encoding)))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)
