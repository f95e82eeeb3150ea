"""What became of every piece of work: lost, stuck, carried out twice; and how long it lay after a death.

Nothing here knows a library or a database: it is told what the table says, and whose end was noted when.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A row: whether it is done, how often the queue handed it out, and when it was committed."""

    number: int
    is_done: bool
    offered: int
    created: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One claim of a piece of work; `ended` is None where nobody came to its end, `kept` where fencing let it write."""

    work: int
    attempt: int
    worker: str
    begun: float
    ended: float | None = None
    kept: bool = False


@dataclass(slots=True, kw_only=True)
class Account:
    """What is reported; seconds."""

    works: int
    done: int = 0
    lost: list[int] = field(default_factory=list)
    stuck: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    repeated: int = 0
    idle_offers: int = 0
    dropped: int = 0
    cut_off: int = 0
    again_s: list[float] = field(default_factory=list)
    per_min: float = 0.0

    @property
    def again(self) -> str:
        """Time until work of a dead worker was begun again: the middle and the longest."""
        return f"{statistics.median(self.again_s):.1f} / {max(self.again_s):.1f}" if self.again_s else "-"


def account(
    works: Sequence[Work],
    executions: Sequence[Execution],
    *,
    queued: AbstractSet[int],
    acknowledged: AbstractSet[int],
    deaths: Mapping[str, float],
) -> Account:
    """Settle accounts when nothing moves any more.

    `queued` are works of which the queue still holds a job, `acknowledged` those whose insert was confirmed, `deaths`
    the times at which workers were killed.
    """
    done = {one.number for one in works if one.is_done}
    known = {one.number for one in works}
    found = Account(works=len(known | acknowledged), done=len(done))
    found.lost = sorted((known | acknowledged) - done - queued)
    found.stuck = sorted((known & queued) - done)
    found.idle_offers = sum(one.offered for one in works) - len(executions)
    by_work = _by_work(executions)
    for number, some in sorted(by_work.items()):
        ended = [one for one in some if one.ended is not None]
        found.repeated += len(some) - 1
        found.dropped += sum(not one.kept for one in ended)
        if len(ended) > 1:
            found.doubled.append(number)
        _follow(some, deaths, found)
    found.per_min = rate([one.ended for one in executions if one.kept and one.ended is not None])
    return found


def _by_work(executions: Iterable[Execution]) -> dict[int, list[Execution]]:
    found = defaultdict(list)
    for one in sorted(executions, key=lambda one: one.attempt):
        found[one.work].append(one)
    return found


def _follow(some: Sequence[Execution], deaths: Mapping[str, float], found: Account) -> None:
    """For each execution that a death cut off: how long until the next one began."""
    for one, after in zip(some, [*some[1:], None], strict=True):
        death = deaths.get(one.worker)
        if one.ended is not None or death is None:
            continue
        found.cut_off += 1
        if after is not None:
            found.again_s.append(max(0.0, after.begun - death))


def rate(ends: Sequence[float]) -> float:
    """Per minute, between the tenth and the ninetieth of a hundred: neither the start nor the tail counts."""
    ordered = sorted(ends)
    low, high = len(ordered) // 10, len(ordered) * 9 // 10
    if high - low < 2 or ordered[high - 1] <= ordered[low]:
        return 0.0
    return 60 * (high - 1 - low) / (ordered[high - 1] - ordered[low])
