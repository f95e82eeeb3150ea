"""The filters that `viva list` and `viva export` share -> what is wished for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from grader.cli.checks import values_of
from grader.content.selection import EXERCISE, REPAIR, Wish
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
    *,
    with_repairs: bool = False,
) -> Wish:
    """The wish of a command line; a language that was named is one that must be there. Raises UsageError.

    A command that can show repair tasks is `with_repairs`.
    """
    wanted = values_of("status", statuses, STATUSES) or ("active",)
    spoken: Lang | None = None if lang == "auto" else lang
    return Wish(
        topics=values_of("topic", topics),
        areas=values_of("area", areas),
        levels=values_of("level", levels, LEVELS),
        kinds=values_of("kind", kinds, (*KINDS, EXERCISE, *([REPAIR] if with_repairs else []))),
        minutes=minutes,
        statuses=() if "all" in wanted else wanted,
        lang=spoken,
    )
