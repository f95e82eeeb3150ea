"""Finds the times as longest ways through the graph of operations, those without open needs first."""

from collections import deque

Operation = tuple[str, int]


def pipeline_order(kind: str, stages: int, microbatches: int) -> list[list[Operation]]:
    """For each stage its operations ("F", i) and ("B", i), in order; `kind` is "gpipe" or "1f1b"."""
    if kind not in ("gpipe", "1f1b") or stages < 1 or microbatches < 1:
        raise ValueError("unknown kind, or fewer than one stage or microbatch")
    orders = []
    for stage in range(stages):
        ahead = microbatches if kind == "gpipe" else min(stages - stage, microbatches)
        order = [("F", i) for i in range(ahead)]
        for i in range(microbatches):
            order.append(("B", i))
            if i + ahead < microbatches:
                order.append(("F", i + ahead))
        orders.append(order)
    return orders


def check(orders: list[list[Operation]], forward: list[int], backward: list[int], delay: int) -> None:
    """ValueError for unsound arguments of `simulate`."""
    if not orders or len(forward) != len(orders) or len(backward) != len(orders):
        raise ValueError("one list and two durations for each stage are needed")
    if min(*forward, *backward) < 1 or delay < 0:
        raise ValueError("durations must be at least 1, the delay at least 0")
    count = len(orders[0]) // 2
    wanted = {(name, i) for name in "FB" for i in range(count)}
    if count < 1 or any(len(order) != 2 * count or set(order) != wanted for order in orders):
        raise ValueError("every stage needs each operation once")


def simulate(orders: list[list[Operation]], forward: list[int], backward: list[int], delay: int = 0) -> dict:
    """When each operation starts, each stage doing its list in order: "starts", "makespan", "bubble", "peaks"."""
    check(orders, forward, backward, delay)
    last = len(orders) - 1
    followers: dict[tuple[int, Operation], list[tuple[tuple[int, Operation], int]]] = {}
    needs: dict[tuple[int, Operation], int] = {}
    for stage, order in enumerate(orders):
        for before, operation in zip([None, *order[:-1]], order, strict=True):
            name, i = operation
            sources = [] if before is None else [((stage, before), 0)]
            if name == "F" and stage > 0:
                sources.append(((stage - 1, operation), delay))
            elif name == "B":
                sources.append(((stage, ("F", i)), 0) if stage == last else ((stage + 1, operation), delay))
            needs[stage, operation] = len(sources)
            for source, lag in sources:
                followers.setdefault(source, []).append(((stage, operation), lag))

    starts = dict.fromkeys(needs, 0)
    ends = {}
    ready = deque(node for node, open_needs in needs.items() if open_needs == 0)
    while ready:
        node = ready.popleft()
        stage, (name, _) = node
        ends[node] = starts[node] + (forward if name == "F" else backward)[stage]
        for follower, lag in followers.get(node, ()):
            starts[follower] = max(starts[follower], ends[node] + lag)
            needs[follower] -= 1
            if needs[follower] == 0:
                ready.append(follower)
    if len(ends) < len(needs):
        raise ValueError("the stages wait forever")

    makespan = max(ends.values())
    busy = sum(ends[node] - starts[node] for node in ends)
    peaks = []
    for order in orders:
        kept = [0]
        for name, _ in order:
            kept.append(kept[-1] + (1 if name == "F" else -1))
        peaks.append(max(kept))
    return {
        "starts": [[starts[stage, operation] for operation in order] for stage, order in enumerate(orders)],
        "makespan": makespan,
        "bubble": 1 - busy / (len(orders) * makespan),
        "peaks": peaks,
    }
