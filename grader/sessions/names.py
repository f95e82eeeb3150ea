"""Whom a name on a rubric means: an interviewer writes it by hand, and candidates call themselves what they like."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable

from grader.model.session_results import Attempt, Record
from grader.model.text import Text

NEAR = 0.6  # how alike two names must be for the one to be offered instead of the other


def fold(name: str) -> str:
    """A name as it is compared: without regard to case and blanks."""
    return " ".join(name.casefold().split())


def find_names(people: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The key that each folded name means, for (key, own name) pairs.

    A key is the name of a file, which the recruiter chose, and comes first. A candidate's own name counts where nobody
    else has it: what somebody writes into a file must not draw the rubric of another.
    """
    listed = list(people)
    names = Counter(fold(name) for _, name in listed)
    own = {fold(name): key for key, name in listed if names[fold(name)] == 1}
    return own | {fold(key): key for key, _ in listed}


def stranger(name: str, records: Iterable[Record]) -> Text | None:
    """What to tell an interviewer whose rubric names nobody who handed in; None where there is nothing to tell."""
    names = {record.candidate: record.name for record in records if isinstance(record, Attempt)}
    known = find_names(names.items())
    if not known or fold(name) in known:
        return None
    near = [known[found] for found in difflib.get_close_matches(fold(name), known, n=1, cutoff=NEAR)]
    return Text(
        en="nobody of this name handed in, so the rubric stands alone" + (f"; did you mean {near[0]}?" if near else ""),
        zh="没有以此姓名提交的候选人，评分表单独列出" + (f"；是否指 {near[0]}？" if near else ""),
    )
