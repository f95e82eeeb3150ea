"""Numbers of entries on distributed training, deployment and costs, found a second way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import pytest
from scipy.optimize import minimize_scalar

from tests.content.second_route import Routes, root

ROUTES = Routes()
HOURS_OF_A_MONTH = 730


@pytest.mark.parametrize("entry_id", ROUTES)
def test_a_second_route_gives_the_key_for_what_may_be_drawn(entry_id: str) -> None:
    """The formula of the entry and another way to the number agree well within what is accepted."""
    ROUTES.assert_agrees(entry_id)


def sent_around_a_ring(gpus: int, volume: float) -> float:
    """What one GPU sends in an all-reduce: a chunk at each of the steps around the ring, twice around."""
    chunk = volume / gpus
    reduce_scatter = sum(chunk for _ in range(gpus - 1))
    all_gather = sum(chunk for _ in range(gpus - 1))
    return reduce_scatter + all_gather


@ROUTES.to("ring-all-reduce-time")
def time_of_all_chunks(params: float, gpus: int, bandwidth: float) -> float:
    return sent_around_a_ring(gpus, params * 2) / bandwidth * 1000


@ROUTES.to("step-time-on-more-cards")
def steps_in_the_time_of_one(compute: float, fixed: float, cards: int, volume: float, rate: float) -> float:
    alone = compute + fixed
    together = compute / cards + fixed + sent_around_a_ring(cards, volume) / rate * 1000
    return alone / together


@ROUTES.to("zero-two-memory-per-gpu")
def bytes_of_each_tensor(params: int, gpus: int) -> float:
    whole, sharded = {"weights": 2}, {"gradients": 2, "master weights": 4, "first moment": 4, "second moment": 4}
    size = sum(whole.values()) + sum(Fraction(bytes_, gpus) for bytes_ in sharded.values())
    return float(size * params)


@ROUTES.to("bubble-of-a-pipeline")
def idle_share_of_a_played_schedule(stages: int, micro: int) -> float:
    """Start every pass as soon as its stage is free and what it needs has arrived."""
    free = [0] * stages
    arrived: dict[tuple[str, int, int], int] = {}

    def run(kind: str, stage: int, batch: int, needs: tuple[str, int, int] | None, takes: int) -> None:
        start = max(free[stage], arrived[needs] if needs else 0)
        arrived[kind, stage, batch] = free[stage] = start + takes

    for batch in range(micro):
        for stage in range(stages):
            run("forward", stage, batch, ("forward", stage - 1, batch) if stage else None, 1)
    for batch in range(micro):
        for stage in reversed(range(stages)):
            last = stage == stages - 1
            run("backward", stage, batch, ("forward" if last else "backward", stage + (not last), batch), 2)
    end = max(free)
    return 100 * (end - 3 * micro) / end


@ROUTES.to("checkpoint-interval-on-failing-nodes")
def interval_that_loses_least(nodes: int, days: float, cost: float) -> float:
    between_failures = days * 24 * 60 / nodes

    def lost(log_interval: float) -> float:
        interval = math.exp(log_interval)
        return cost / interval + interval / (2 * between_failures)

    found = minimize_scalar(lost, bounds=(-5, 15), method="bounded", options={"xatol": 1e-9})
    return math.exp(found.x)


@ROUTES.to("delayed-gradient-on-a-quadratic")
def third_iterate(rate: float, curvature: float, start: float) -> float:
    before = now = start
    for _ in range(3):
        before, now = now, now - rate * curvature * before
    return now


@ROUTES.to("replicas-from-arrival-rate")
def fewest_replicas_that_suffice(rate: int, service_ms: int, slots: int, load: int) -> float:
    busy, replicas = Fraction(rate * service_ms, 1000), 1
    while busy > replicas * slots * Fraction(load, 100):
        replicas += 1
    return replicas


@ROUTES.to("retries-at-every-layer")
def calls_of_one_request(rate: int, attempts: int, layers: int) -> float:
    def calls(below: int) -> int:
        if below == 0:
            return 1
        return sum(calls(below - 1) for _ in range(attempts))

    return rate * calls(layers)


def tensors_at_each_operator(side: int, channels: int, expand: int) -> Iterator[list[int]]:
    """The values that are alive while each operator runs: its inputs, its output, and what is read later."""
    sizes = {"x": channels, "wide": expand * channels, "deep": expand * channels, "back": channels, "sum": channels}
    operators = [(["x"], "wide"), (["wide"], "deep"), (["deep"], "back"), (["back", "x"], "sum")]
    for place, (inputs, output) in enumerate(operators):
        made = {"x", *(out for _, out in operators[:place])}
        later = {name for names, _ in operators[place + 1 :] for name in names}
        alive = {*inputs, output, *(made & later)}
        yield [side * side * sizes[name] for name in alive]


@ROUTES.to("peak-memory-of-an-inverted-residual")
def most_that_is_alive(side: int, channels: int, expand: int) -> float:
    return max(map(sum, tensors_at_each_operator(side, channels, expand))) / 1024


@ROUTES.to("pretraining-budget")
def price_of_hours_that_count(size: float, tokens: float, mfu: float, price: float, lost: float) -> float:
    """Of each paid hour only a part is not lost, and of that only the utilization is useful."""
    useful = 989e12 * mfu / 100 * 3600 * (1 - lost / 100)
    hours = root(lambda hours: hours * useful - 6 * size * 1e9 * tokens * 1e9, 0, 1e9)
    return hours * price / 1000


@ROUTES.to("price-of-a-million-tokens")
def bill_of_a_day_over_its_tokens(price: float, batch: int, step: float, busy: float) -> float:
    steps = 24 * 3600 * 1000 * busy / 100 / step
    return 24 * price / (steps * batch / 1e6)


@ROUTES.to("api-or-own-gpus-break-even")
def tokens_of_equal_bills(price: float, gpus: int, rate: float, share: float, salary: float) -> float:
    own = sum(rate * HOURS_OF_A_MONTH for _ in range(gpus)) + salary * share / 100
    return root(lambda billions: price * billions * 1000 - own, 0, 1e6)


@ROUTES.to("input-tokens-of-a-long-run")
def bill_of_every_call(base: int, add: int, steps: int, price: float) -> float:
    history, sent = base, 0
    for _ in range(steps):
        sent, history = sent + history, history + add
    return sent * price / 1e6
