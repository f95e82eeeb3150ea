"""Builds the graph of what each operation waits for, and lets the standard library sort it; a cycle is a deadlock."""

from graphlib import CycleError, TopologicalSorter
from itertools import accumulate, chain


def one_stage(warm: int, m: int) -> list[tuple[str, int]]:
    """Operations of a stage that starts with `warm` forwards and alternates from there."""
    forwards = [("F", i) for i in range(m)]
    backwards = [("B", i) for i in range(m)]
    steady = m - warm
    pairs = chain.from_iterable(zip(backwards[:steady], forwards[warm:], strict=True))
    return [*forwards[:warm], *pairs, *backwards[steady:]]


def pipeline_order(kind: str, stages: int, microbatches: int) -> list[list[tuple[str, int]]]:
    if kind not in ("gpipe", "1f1b") or stages < 1 or microbatches < 1:
        raise ValueError("unknown kind, or too few stages or microbatches")
    if kind == "gpipe":
        return [one_stage(microbatches, microbatches) for _ in range(stages)]
    return [one_stage(min(stages - s, microbatches), microbatches) for s in range(stages)]


def check(orders: list, forward: list[int], backward: list[int], delay: int) -> None:
    """ValueError for arguments that make no schedule, whatever the waiting."""
    if not orders or not orders[0]:
        raise ValueError("no stages or no operations")
    m = len(orders[0]) // 2
    wanted = {(kind, i) for kind in "FB" for i in range(m)}
    for order in orders:
        if len(order) != 2 * m or set(map(tuple, order)) != wanted:
            raise ValueError("each stage needs every forward and backward once")
    for durations in (forward, backward):
        if len(durations) != len(orders) or min(durations) < 1:
            raise ValueError("one duration of at least 1 for each stage")
    if delay < 0:
        raise ValueError("delay must not be negative")


def simulate(orders: list[list[tuple[str, int]]], forward: list[int], backward: list[int], delay: int = 0) -> dict:
    check(orders, forward, backward, delay)
    p = len(orders)
    waits: dict[tuple[int, str, int], dict[tuple[int, str, int], int]] = {}  # node -> {node before it: the lag}
    for s, order in enumerate(orders):
        previous = None
        for kind, i in order:
            needs = {} if previous is None else {previous: 0}
            if kind == "F" and s > 0:
                needs[s - 1, "F", i] = delay
            elif kind == "B" and s < p - 1:
                needs[s + 1, "B", i] = delay
            elif kind == "B":
                needs[s, "F", i] = 0
            previous = (s, kind, i)
            waits[previous] = needs

    starts: dict[tuple[int, str, int], int] = {}
    ends: dict[tuple[int, str, int], int] = {}
    try:
        for node in TopologicalSorter(waits).static_order():
            starts[node] = max((ends[before] + lag for before, lag in waits[node].items()), default=0)
            ends[node] = starts[node] + (forward if node[1] == "F" else backward)[node[0]]
    except CycleError:
        raise ValueError("the orders wait for each other forever") from None

    makespan = max(ends.values())
    busy = len(orders[0]) // 2 * (sum(forward) + sum(backward))
    return {
        "starts": [[starts[s, kind, i] for kind, i in order] for s, order in enumerate(orders)],
        "makespan": makespan,
        "bubble": 1 - busy / (p * makespan),
        "peaks": [max(accumulate(1 if kind == "F" else -1 for kind, _ in order)) for order in orders],
    }
