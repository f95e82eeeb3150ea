"""What programs read on standard output: always UTF-8, whatever the locale says of people's terminals."""

from __future__ import annotations

import sys
from typing import Any

from grader.report.escaping import as_it_is, to_json


def print_plain(text: str, end: str = "\n") -> None:
    """Write a text for programs; what a terminal would obey is written out, as in all that is printed."""
    stream = getattr(sys.stdout, "rich_proxied_file", sys.stdout)
    binary = getattr(stream, "buffer", None)
    if binary is None:  # a stream of text alone, such as a notebook's
        print(text, end=end, flush=True)
        return
    stream.flush()
    binary.write((as_it_is(text) + end).encode())
    binary.flush()


def print_document(value: Any) -> None:
    """Write a JSON document on one line."""
    print_plain(to_json(value))
