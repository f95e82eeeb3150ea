"""The filters that `viva list` and `viva export` share -> what is wished for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from grader.content.selection import EXERCISE, Wish
from grader.content.suggestion import one_of, suggestion
from grader.errors import UsageError
from grader.model.coverage import KINDS, LEVELS
from grader.model.text import Lang

STATUSES = ("active", "draft", "retired", "all")


def wish_of(
    topics: Sequence[str] | None,
    areas: Sequence[str] | None,
    levels: Sequence[str] | None,
    kinds: Sequence[str] | None,
    minutes: int | None,
    statuses: Sequence[str] | None,
    lang: Literal["auto", "en", "zh"],
) -> Wish:
    """The wish of a command line; a language that was named is one that must be there. Raises UsageError."""
    wanted = _each("status", statuses, STATUSES) or ("active",)
    spoken: Lang | None = None if lang == "auto" else lang
    return Wish(
        topics=_each("topic", topics),
        areas=_each("area", areas),
        levels=_each("level", levels, LEVELS),
        kinds=_each("kind", kinds, (*KINDS, EXERCISE)),
        minutes=minutes,
        statuses=() if "all" in wanted else wanted,
        lang=spoken,
    )


def _each(option: str, given: Sequence[str] | None, known: Sequence[str] = ()) -> tuple[str, ...]:
    """The values of an option that may be repeated or hold commas; refuses one that is not `known`."""
    values = tuple(value.strip() for one in given or () for value in one.split(",") if value.strip())
    for value in values:
        if known and value not in known:
            fix = suggestion(value, known, one_of(known))
            raise UsageError(
                f"--{option} {value}: there is no such {option}; {fix.en}", f"--{option} {value}：没有这一项；{fix.zh}"
            )
    return values
