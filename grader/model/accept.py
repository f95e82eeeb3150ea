"""`accept` patterns: what hints at a point of a rubric in an answer, found in a time that grows with the text only.

A pattern comes with a pack, and a pack may come from a stranger. RE2 neither backtracks nor recurses, so no pattern can
keep anybody waiting; in exchange it has no look-around and no references to groups, which no pattern needs here.

One word proves little: `stale` is in a wrong answer as often as in a right one. So a pattern may have parts, joined by
` & `, all of which must be found near each other, in any order: in one sentence, or in two that follow each other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import re2

LONGEST = 1000  # characters of a pattern
AND = " & "
MOST_PARTS = 4
# A factorial ends no sentence (`n! orders`), and an exclamation has a word before it.
_SENTENCE_END = re.compile(r"(?<=[.?])\s+|(?<=[A-Za-z]{2}!)\s+|(?<=[。！？；])|\n+")
_MOST_BYTES = 1 << 20  # of its program; `(((x{99}){99}){99})` is refused


class BadPattern(Exception):
    """Not a pattern; the text says what is wrong with it."""


@functools.lru_cache(maxsize=4096)
def compiled(pattern: str) -> tuple[Any, ...]:
    """The parts of the pattern, ready to search, upper and lower case alike; raises BadPattern."""
    if len(pattern) > LONGEST:
        raise BadPattern(f"it is longer than {LONGEST} characters")
    wanted = parts(pattern)
    if len(wanted) > MOST_PARTS:
        raise BadPattern(f"it has more than {MOST_PARTS} parts")
    return tuple(_compiled(part) for part in wanted)


def parts(pattern: str) -> list[str]:
    """What must be found near each other; one part where a pattern is a plain one."""
    return pattern.split(AND)


def _compiled(pattern: str) -> Any:
    if not pattern:
        raise BadPattern(f"there is nothing beside `{AND.strip()}`")
    try:
        return re2.compile(pattern, _options())
    except (re2.error, UnicodeError, RecursionError, OverflowError) as error:
        words = error.args[0] if error.args else "it is not one"
        raise BadPattern(words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)) from None


def occurs(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text, all its parts near each other; raises BadPattern."""
    wanted = compiled(pattern)
    said = text.encode("utf-8", "replace").decode()
    if not all(part.search(said) for part in wanted):
        return False
    return len(wanted) == 1 or any(all(part.search(near) for part in wanted) for near in _neighborhoods(said))


def _neighborhoods(text: str) -> Iterator[str]:
    """Each sentence together with the next one."""
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    yield from (" ".join(sentences[place : place + 2]) for place in range(max(1, len(sentences) - 1)))


@functools.cache
def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MOST_BYTES
    return options
