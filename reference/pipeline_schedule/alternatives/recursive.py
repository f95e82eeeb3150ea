"""Schedules by rules of a stage, and the timetable by memoized recursion over what each operation waits for."""

import sys
from functools import lru_cache
from itertools import accumulate

sys.setrecursionlimit(20_000)


def pipeline_order(kind, stages, microbatches):
    limits = {"gpipe": lambda stage: microbatches, "1f1b": lambda stage: stages - stage}
    if kind not in limits or min(stages, microbatches) <= 0:
        raise ValueError("arguments")
    orders = []
    for stage in range(stages):
        order, f, b = [], 0, 0
        while b < microbatches:  # a forward whenever the stage may hold one more
            if f < microbatches and f - b < limits[kind](stage):
                order.append(("F", f))
                f += 1
            else:
                order.append(("B", b))
                b += 1
        orders.append(order)
    return orders


def simulate(orders, forward, backward, delay=0):
    p = len(orders)
    if p == 0 or [len(forward), len(backward)] != [p, p] or any(d <= 0 for d in [*forward, *backward]) or delay < 0:
        raise ValueError("arguments")
    operations = {(name, i) for name in ("F", "B") for i in range(len(orders[0]) // 2)}
    if not operations or any(set(order) != operations or len(order) != len(operations) for order in orders):
        raise ValueError("operations")
    place = [{operation: n for n, operation in enumerate(map(tuple, order))} for order in orders]
    duration = {"F": forward, "B": backward}
    open_now = set()

    @lru_cache(None)
    def start(s, n):
        if (s, n) in open_now:
            raise ValueError("a circle of waiting")
        open_now.add((s, n))
        name, i = orders[s][n]
        times = [0]
        if n:
            times.append(end(s, n - 1))
        if name == "B" and s == p - 1:
            times.append(end(s, place[s]["F", i]))
        elif 0 <= (neighbor := s - 1 if name == "F" else s + 1) < p:
            times.append(end(neighbor, place[neighbor][name, i]) + delay)
        open_now.discard((s, n))
        return max(times)

    def end(s, n):
        return start(s, n) + duration[orders[s][n][0]][s]

    starts = [[start(s, n) for n in range(len(operations))] for s in range(p)]
    makespan = max(end(s, len(operations) - 1) for s in range(p))
    idle = p * makespan - sum(duration[name][s] for s in range(p) for name, _ in orders[s])
    return {
        "starts": starts,
        "makespan": makespan,
        "bubble": idle / (p * makespan),
        "peaks": [max(accumulate(1 if name == "F" else -1 for name, _ in order)) for order in orders],
    }
