"""Whom a name on a rubric means: an interviewer writes it by hand, and candidates call themselves what they like."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from grader.model.session_results import Attempt, Record, Sheet
from grader.model.text import Text

NEAR = 0.6  # how alike two names must be for the one to be offered instead of the other
_FIGURES = re.compile(r"\d+")


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


def squashed(name: str) -> str:
    """A name without case, blanks, signs and the width of its letters: `Ada_Lovelace` is `ada lovelace`."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def near_name(name: str, known: Mapping[str, str]) -> str:
    """The key in `known` (folded names to keys) whose name is nearest; empty where none is near.

    Names that differ in a number, as `candidate 3` and `candidate 4` do, are names of different people.
    """
    figures = _FIGURES.findall(name)
    others = [one for one in known if _FIGURES.findall(one) == figures]
    plain = squashed(name)
    same = [one for one in others if plain and squashed(one) == plain]
    near = same or difflib.get_close_matches(fold(name), others, n=1, cutoff=NEAR)
    return known[near[0]] if near else ""


def stranger(name: str, records: Iterable[Record]) -> Text | None:
    """What to tell an interviewer whose rubric names nobody who handed in; None where there is nothing to tell."""
    names = {record.candidate: record.name for record in records if isinstance(record, Attempt)}
    known = find_names(names.items())
    if not known or fold(name) in known:
        return None
    return Text(
        en="nobody of this name handed in, so the rubric stands alone", zh="没有以此姓名提交的候选人，评分表单独列出"
    )


def nearest(name: str, records: Iterable[Record]) -> str:
    """The candidate whom a rubric's name nearly means; empty where it means one, or is near to none."""
    listed = list(records)
    names = {record.candidate: record.name for record in listed if isinstance(record, Attempt)}
    known = find_names(names.items())
    settled = {fold(record.candidate) for record in listed if isinstance(record, Sheet)}
    return "" if fold(name) in known or fold(name) in settled else near_name(name, known)
