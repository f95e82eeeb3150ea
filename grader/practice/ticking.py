"""Which points of a rubric a written answer seems to make, as a proposal for the person who wrote it."""

from __future__ import annotations

from grader.model.accept import BadPattern, occurs
from grader.practice.answers import rubric
from grader.practice.question import Question

LONGEST = 20_000


def found_in(question: Question, text: str) -> tuple[str, ...]:
    """Ids of the criteria of which an `accept` pattern occurs in `text`, upper and lower case alike."""
    said = text[:LONGEST]
    return tuple(
        criterion.id for criterion in rubric(question) if any(_occurs(pattern, said) for pattern in criterion.accept)
    )


def _occurs(pattern: str, text: str) -> bool:
    try:
        return occurs(pattern, text)
    except BadPattern:  # content is checked when it is loaded; a pattern of another dialect is only a lost tick
        return False
