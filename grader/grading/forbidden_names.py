"""The names that an exercise forbids, as a question that costs the same however long the name is that is asked about.

An item stands for a name and all below it (`sklearn` covers `sklearn.metrics.f1_score`); one that ends with `*` stands
for all names that begin so.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.guest.native_code import NATIVE
from grader.guest.second_code import second_code


class ForbiddenNames:
    """What `forbid` lists, other code for the same, and, unless `native`, what loads native code."""

    def __init__(self, forbid: Iterable[str], *, native: bool) -> None:
        listed = tuple(forbid)
        items = [*listed, *second_code(listed), *(() if native else NATIVE)]
        self._exact = frozenset(items)
        self._beginnings = tuple(item[:-1] for item in items if item.endswith("*"))
        self._longest = max(map(len, items), default=0)
        # A library that imported such a module has it as an attribute: `torch.ctypes`.
        self._anywhere = frozenset(() if native else (item for item in NATIVE if "." not in item))

    def part_of(self, dotted: str) -> str | None:
        """The shortest beginning of `dotted` that is forbidden."""
        end = 0
        built_in = dotted.startswith("builtins.")  # what a name is taken for that nothing binds
        for part in dotted.split("."):
            start, end = end, end + len(part)
            if (start and not built_in and part in self._anywhere) or (
                start <= self._longest and self._is_item(dotted[:end])
            ):
                return dotted[:end]
            end += 1
        return None

    def _is_item(self, name: str) -> bool:
        return name in self._exact or name.startswith(self._beginnings)

    def directly_below(self, module: str, names: frozenset[str]) -> list[str]:
        """Those of `names` that, as attributes of `module`, are forbidden or lead to something that is."""
        below = module + "."
        heads = {item[len(below) :].partition(".")[0] for item in self._exact if item.startswith(below)}
        beginnings = tuple(head[:-1] for head in heads if head.endswith("*"))
        reached = (heads | self._anywhere) & names
        return sorted(reached.union(name for name in names if name.startswith(beginnings)) if beginnings else reached)


_ROADS = ForbiddenNames((), native=False)


def is_native(name: str) -> bool:
    """Whether a forbidden name is a road to native code."""
    return _ROADS.part_of(name) is not None
