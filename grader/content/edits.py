"""Edits of a text: what stands in it exactly once, and what is to stand there instead.

An edit of one line may be a part of a line. Where old or new text has several lines, both are whole lines at whatever
indentation, which the new ones take over. Nothing in the place of whole lines takes the lines away.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model.exercise import Edit


class EditError(ValueError):
    """An edit that does not fit its text: `index` counts from 0; `field` is `old` or `new`."""

    def __init__(self, index: int, field: str, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.index, self.field, self.problem, self.fix = index, field, problem, fix


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    start: int
    end: int
    new: str
    index: int


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """`text` with all `edits` made at once; raises EditError for one that fits nowhere, twice, or into another."""
    spans = sorted(_span(text, edit, index) for index, edit in enumerate(edits))
    for before, after in itertools.pairwise(spans):
        if after.start < before.end:
            problem = f"it overlaps the edit numbered {before.index + 1}"
            raise EditError(after.index, "old", problem, "make the two one edit")
    for span in reversed(spans):
        text = text[: span.start] + span.new + text[span.end :]
    return text


def _span(text: str, edit: Edit, index: int) -> _Span:
    old, new = edit.old.strip("\n"), edit.new.strip("\n")
    whole = "\n" in old or "\n" in new
    found = list(re.finditer(_of_lines(old) if whole else re.escape(old), text, re.MULTILINE))
    if len(found) != 1:
        lines = ", ".join(str(text.count("\n", 0, one.start()) + 1) for one in found)
        problem = f"it stands in solution.py {len(found)} times (lines {lines})" if found else "solution.py lacks it"
        fix = "write more of the text around it" if found else "write it as it stands there"
        raise EditError(index, "old", problem, fix)
    start, end = found[0].span()
    if whole:
        new = textwrap.indent(textwrap.dedent(new), found[0]["indent"])
    elif not new:
        start, end = _whole_line(text, start, end)
    if not new and text[end : end + 1] == "\n" and text[start - 1 : start] in ("", "\n"):
        end += 1
    return _Span(start, end, new, index)


def _of_lines(old: str) -> str:
    """A pattern for whole lines at one indentation."""
    first, *rest = textwrap.dedent(old).split("\n")
    others = ("(?P=indent)" + re.escape(line) if line.strip() else "[ \t]*" for line in rest)
    return "\n".join([r"^(?P<indent>[ \t]*)" + re.escape(first), *others]) + "$"


def _whole_line(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the blanks around it, where nothing else stands on its line."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    return (start, end) if (text[first:start] + text[end:last]).strip() else (first, last)
