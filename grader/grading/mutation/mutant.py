"""What a mutation is: one replacement in the text of a module."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """`old`, which stands in a source from character `start` to `end`, becomes `new`."""

    start: int
    end: int
    old: str
    new: str

    def applied_to(self, source: str) -> str:
        """`source` with `new` in place of `old`; raises ValueError where `old` does not stand there."""
        if source[self.start : self.end] != self.old:
            raise ValueError(f"the source does not read {self.old!r} from {self.start} to {self.end}")
        return source[: self.start] + self.new + source[self.end :]

    def standing_once(self, source: str) -> Edit:
        """The same change of `source`, of a text that stands in it once: where need be with the lines above."""
        start, end = self.start, self.end
        while not _stands_once(source[start:end], source):
            at_the_top = start == 0
            start = source.rfind("\n", 0, max(start - 1, 0)) + 1
            line_end = source.find("\n", end + at_the_top)
            end = line_end if line_end >= 0 else len(source)
        new = source[start : self.start] + self.new + source[self.end : end]
        return Edit(start=start, end=end, old=source[start:end], new=new)


def _stands_once(text: str, source: str) -> bool:
    return bool(text) and source.find(text, source.find(text) + 1) < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A module with one mistake: which operator made it, in which line, by which edit, and the module's whole text."""

    operator: str
    line: int
    edit: Edit
    source: str

    @property
    def original(self) -> str:
        """The text of the module without the mistake."""
        start = self.edit.start
        return self.source[:start] + self.edit.old + self.source[start + len(self.edit.new) :]

    def diff(self) -> str:
        """A unified diff with one line of context and no names of files."""
        before, after = self.original.splitlines(), self.source.splitlines()
        lines = list(difflib.unified_diff(before, after, n=1, lineterm=""))
        return "\n".join(lines[2:])
