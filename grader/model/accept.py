"""`accept` patterns: what hints at a point of a rubric in an answer, found in a time that grows with the text only.

A pattern comes with a pack, and a pack may come from a stranger. RE2 neither backtracks nor recurses, so no pattern can
keep anybody waiting; in exchange it has no look-around and no references to groups, which no pattern needs here.
"""

from __future__ import annotations

import functools
from typing import Any

import re2

LONGEST = 1000  # characters of a pattern
_MOST_BYTES = 1 << 20  # of its program; `(((x{99}){99}){99})` is refused


class BadPattern(Exception):
    """Not a pattern; the text says what is wrong with it."""


@functools.lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """The pattern, ready to search, upper and lower case alike; raises BadPattern."""
    if len(pattern) > LONGEST:
        raise BadPattern(f"it is longer than {LONGEST} characters")
    try:
        return re2.compile(pattern, _options())
    except (re2.error, UnicodeError, RecursionError, OverflowError) as error:
        words = error.args[0] if error.args else "it is not one"
        raise BadPattern(words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)) from None


def occurs(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; raises BadPattern."""
    return compiled(pattern).search(text.encode("utf-8", "replace").decode()) is not None


@functools.cache
def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MOST_BYTES
    return options
