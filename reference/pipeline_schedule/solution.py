"""Pipeline schedules: the orders of GPipe and 1F1B, and the timetable of any orders."""


def pipeline_order(kind, stages, microbatches):
    """For each stage its operations ("F", i) and ("B", i), in order; `kind` is "gpipe" or "1f1b"."""
    if kind not in ("gpipe", "1f1b"):
        raise ValueError(f"unknown kind of schedule: {kind!r}")
    if stages < 1 or microbatches < 1:
        raise ValueError("stages and microbatches must be at least 1")
    orders = []
    for stage in range(stages):
        # Forwards before the first backward. In 1F1B that many are enough to keep the later stages busy.
        ahead = microbatches if kind == "gpipe" else min(stages - stage, microbatches)
        order = [("F", i) for i in range(ahead)]
        for i in range(microbatches):
            order.append(("B", i))
            if ahead + i < microbatches:
                order.append(("F", ahead + i))
        orders.append(order)
    return orders


def simulate(orders, forward, backward, delay=0):
    """When each operation starts, each stage doing its list in order: "starts", "makespan", "bubble", "peaks"."""
    check(orders, forward, backward, delay)
    last = len(orders) - 1
    ends = {}  # (stage, operation, microbatch) -> when it ended
    starts = [[] for _ in orders]
    free = [0] * len(orders)  # when each stage has done what is in `starts`

    def ready(stage, operation, i):
        """When the input of an operation is there; None if that is not known yet."""
        if operation == "F" and stage == 0:
            return 0
        if operation == "B" and stage == last:
            return ends.get((stage, "F", i))
        end = ends.get((stage - 1 if operation == "F" else stage + 1, operation, i))
        return None if end is None else end + delay

    moving = True
    while moving:
        moving = False
        for stage, order in enumerate(orders):
            for operation, i in order[len(starts[stage]) :]:
                arrival = ready(stage, operation, i)
                if arrival is None:
                    break
                start = max(free[stage], arrival)
                starts[stage].append(start)
                free[stage] = start + (forward if operation == "F" else backward)[stage]
                ends[stage, operation, i] = free[stage]
                moving = True
    if any(len(done) < len(order) for done, order in zip(starts, orders, strict=True)):
        raise ValueError("the stages wait for each other")

    makespan = max(free)
    busy = len(orders[0]) // 2 * (sum(forward) + sum(backward))
    bubble = 1 - busy / (len(orders) * makespan)
    return {"starts": starts, "makespan": makespan, "bubble": bubble, "peaks": [peak(order) for order in orders]}


def peak(order):
    """The largest number of microbatches whose forward has started and whose backward has not ended."""
    held = highest = 0
    for operation, _ in order:
        held += 1 if operation == "F" else -1
        highest = max(highest, held)
    return highest


def check(orders, forward, backward, delay):
    """ValueError for bad arguments of `simulate`."""
    if not orders:
        raise ValueError("there must be a stage")
    microbatches = len(orders[0]) // 2
    wanted = sorted((operation, i) for operation in "BF" for i in range(microbatches))
    if microbatches < 1 or any(sorted(order) != wanted for order in orders):
        raise ValueError("each stage must have each operation of each microbatch once")
    if len(forward) != len(orders) or len(backward) != len(orders):
        raise ValueError("forward and backward must have an entry for each stage")
    if min(*forward, *backward) < 1 or delay < 0:
        raise ValueError("durations must be at least 1, and the delay at least 0")
