"""What one verdict may cost the judge, counted where it arises: bytes where they are read, items where they are made.

Exceeding a budget is the candidate's doing. The judge alone has one; a guest's memory is limited by its box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from grader.errors import WireError

MIB = 2**20
REPLY_MIB = 256  # of one reply, whatever the exercise's memory
REPLIES = 4  # as many times the exercise's memory may arrive in all
NODES = 5_000_000  # parts of all replies: a microsecond and some hundred bytes each
NUMBERS = 40_000_000  # in packed lists of all replies: 40 ns and 32 bytes each


class OverBudget(WireError):
    """A guest sent more than a verdict may cost; the text is for the candidate, in English and in Chinese."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


def _untold() -> None:
    """Nobody wants to know."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """What is left of it. `heard` is told when an answer begins to arrive, and when it has arrived."""

    reply_bytes: int
    all_bytes: int
    nodes: int = NODES
    numbers: int = NUMBERS
    heard: Callable[[], None] = _untold
    taken_bytes: int = 0
    _told_bytes: int = 0

    @classmethod
    def of(cls, memory_mb: int) -> Self:
        """The budget of an exercise whose boxes may take `memory_mb` MiB."""
        return cls(reply_bytes=min(memory_mb, REPLY_MIB) * MIB, all_bytes=REPLIES * memory_mb * MIB)

    def take_bytes(self, count: int) -> None:
        """Before `count` bytes of one reply are read."""
        if count > self.reply_bytes:
            raise _too_large("an answer is larger than", "一次答复超过", self.reply_bytes)
        self.taken_bytes += count
        if self.taken_bytes > self.all_bytes:
            raise _too_large("all answers together are larger than", "所有答复合计超过", self.all_bytes)

    def since_last(self) -> int:
        """Bytes that were read since this was last asked."""
        before, self._told_bytes = self._told_bytes, self.taken_bytes
        return self.taken_bytes - before

    def take_nodes(self, count: int) -> None:
        """For the parts of one reply."""
        self.nodes -= count
        if self.nodes < 0:
            raise OverBudget("the answers have too many parts", "答复包含的部分过多")

    def take_numbers(self, count: int) -> None:
        """Before a packed list of `count` numbers is made."""
        self.numbers -= count
        if self.numbers < 0:
            raise OverBudget("the answers hold too many numbers in lists", "答复的列表中数字过多")


def out_of_memory() -> OverBudget:
    """The error when the judge's own memory does not suffice for an answer."""
    return OverBudget("an answer takes more memory than the judge may use", "处理答复所需的内存超过评测进程的上限")


def _too_large(english: str, chinese: str, cap: int) -> OverBudget:
    return OverBudget(f"{english} {cap // MIB} MB", f"{chinese} {cap // MIB} MB")
