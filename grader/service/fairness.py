"""Fair shares of the queue, by virtual finish times.

Source: Demers, Keshav and Shenker, "Analysis and simulation of a fair queueing algorithm", SIGCOMM 1989.

A job that arrives gets the time at which it would be finished if all tenants were served side by side, each as
quickly as
its weight says: `max(clock, the tenant's last finish) + COST / weight`. Jobs are taken in the order of these times,
so a
tenant that sends ten thousand at once waits for itself and not the others for it. The clock is the finish time of
the job
that was taken last. Urgent jobs (single submissions) have a clock of their own and go before those of batches.
"""

from __future__ import annotations

from typing import Final

COST: Final = 16  # of one job at weight 1, so that weights up to 16 still tell jobs apart
_CLASS: Final = 2**30  # what lies between the two classes
LAST: Final = _CLASS - 1


def finish_times(clock: int, last: int, weight: float, count: int) -> list[int]:
    """Virtual finish times of `count` jobs of a tenant that arrive together."""
    step = max(1, round(COST / weight))
    start = max(clock, last)
    return [start + step * (place + 1) for place in range(count)]


def priority(finish: int, *, urgent: bool) -> int:
    """The queue's priority for a finish time: larger is earlier, within a signed 32-bit integer."""
    return -(finish % LAST) + (_CLASS if urgent else -1)
