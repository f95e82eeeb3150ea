"""Which points of a rubric a written answer seems to make, as a proposal for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.practice.answers import rubric
from grader.practice.question import Question

# A pattern sees the answer in overlapping windows: `re` has no time limit, and a pattern that backtracks takes
# time that grows with a power of the length.
WINDOW, OVERLAP, LONGEST = 1200, 200, 20_000


def found_in(question: Question, text: str) -> tuple[str, ...]:
    """Ids of the criteria of which an `accept` pattern occurs in `text`, upper and lower case alike."""
    windows = list(_windows(text[:LONGEST]))
    return tuple(
        criterion.id
        for criterion in rubric(question)
        if any(_occurs(pattern, window) for pattern in criterion.accept for window in windows)
    )


def _occurs(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text, re.IGNORECASE) is not None
    except re.error:  # content is checked when it is loaded; a pattern of another Python's dialect is only a lost tick
        return False


def _windows(text: str) -> Iterator[str]:
    for begin in range(0, max(1, len(text) - OVERLAP), WINDOW - OVERLAP):
        yield text[begin : begin + WINDOW]
