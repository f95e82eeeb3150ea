"""The reference of pipeline_schedule against torch's own schedules, scipy's longest paths, and published formulas.

torch's schedules are run on a stage that only writes down what it is told to do, so no process group is needed. The
timetable is a longest path in the graph of all waiting, which scipy finds as a shortest one with negative lengths;
orders that can never be done are cycles in it.
"""

from __future__ import annotations

import itertools
import runpy
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = runpy.run_path(str(ROOT / "reference" / "pipeline_schedule" / "solution.py"))
pipeline_order, simulate = REFERENCE["pipeline_order"], REFERENCE["simulate"]
KINDS = ("gpipe", "1f1b")
Orders = list[list[tuple[str, int]]]


def executed_by_torch(kind: str, stages: int, microbatches: int) -> Orders:
    """What torch's schedule has each stage do."""
    schedules = pytest.importorskip("torch.distributed.pipelining.schedules")
    schedule = {"gpipe": schedules.ScheduleGPipe, "1f1b": schedules.Schedule1F1B}[kind]
    orders: Orders = []
    for index in range(stages):
        order: list[tuple[str, int]] = []
        stage = MagicMock(stage_index=index)
        for name in ("get_fwd_recv_ops", "get_fwd_send_ops", "get_bwd_recv_ops", "get_bwd_send_ops"):
            getattr(stage, name).return_value = []
        stage.forward_one_chunk.side_effect = lambda i, *_, order=order, **__: order.append(("F", i))
        stage.backward_one_chunk.side_effect = lambda i, order=order, **_: order.append(("B", i))
        inputs = [()] * microbatches, [{}] * microbatches
        runner = MagicMock(_stage=stage, _n_microbatches=microbatches, _num_stages=stages, scale_grads=False)
        runner._check_inputs.return_value = inputs
        schedule._step_microbatches(runner, *inputs)
        orders.append(order)
    return orders


@pytest.mark.parametrize("kind", KINDS)
def test_orders_are_those_that_torch_executes(kind: str) -> None:
    """For all sizes up to five stages and seven microbatches, fewer microbatches than stages included."""
    for stages in range(1, 6):
        for microbatches in range(1, 8):
            ours = pipeline_order(kind, stages, microbatches)
            assert ours == executed_by_torch(kind, stages, microbatches), (stages, microbatches)


def longest_paths(orders: Orders, forward: list[int], backward: list[int], delay: int) -> list[list[int]]:
    """When each operation starts: the longest path to it in the graph of who waits for whom."""
    nodes = [(s, *operation) for s, order in enumerate(orders) for operation in order]
    number = {node: n for n, node in enumerate(nodes, start=1)}  # 0 is the beginning of time
    edges = {(0, n): 0 for n in number.values()}

    def waits(node: Any, before: Any, extra: int) -> None:
        s, name, _ = before
        length = (forward if name == "F" else backward)[s] + extra
        key = number[before], number[node]
        edges[key] = max(edges.get(key, 0), length)

    for s, order in enumerate(orders):
        for one, other in itertools.pairwise(order):
            waits((s, *other), (s, *one), 0)
        for name, i in order:
            if name == "F" and s > 0:
                waits((s, "F", i), (s - 1, "F", i), delay)
            if name == "B" and s < len(orders) - 1:
                waits((s, "B", i), (s + 1, "B", i), delay)
            if name == "B" and s == len(orders) - 1:
                waits((s, "B", i), (s, "F", i), 0)
    rows, columns = zip(*edges, strict=True)
    # An explicit zero is no edge for scipy, so every edge is half a unit longer, and paths differ by less than one.
    count = len(nodes) + 1
    lengths = -(np.array(list(edges.values())) * 2 * count + 1)
    graph = coo_array((lengths.astype(float), (rows, columns)), shape=(count, count)).tocsr()
    distance = np.rint(-bellman_ford(graph, indices=0)).astype(int) // (2 * count)
    return [[int(distance[number[s, *operation]]) for operation in order] for s, order in enumerate(orders)]


def peaks_by_time(result: dict[str, Any], orders: Orders, backward: list[int]) -> list[int]:
    """The largest number of microbatches that a stage holds, from the intervals of the timetable."""
    peaks = []
    for s, (order, starts) in enumerate(zip(orders, result["starts"], strict=True)):
        when = dict(zip(order, starts, strict=True))
        held = [(when["F", i], when["B", i] + backward[s]) for i in range(len(order) // 2)]
        peaks.append(max(sum(low <= t < high for low, high in held) for t in starts))
    return peaks


def test_timetables_are_longest_paths() -> None:
    """For both schedules and for orders drawn at random, of which many can never be done."""
    stuck = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        p, m = (int(n) for n in rng.integers(1, 6, 2))
        forward, backward = rng.integers(1, 20, (2, p)).tolist()
        delay = int(rng.choice([0, *rng.integers(1, 15, 2)]))
        orders = pipeline_order(str(rng.choice(KINDS)), p, m)
        if seed % 3:  # change it by a few exchanges of neighbors
            for _ in range(int(rng.integers(1, 8))):
                order = orders[int(rng.integers(p))]
                at = int(rng.integers(2 * m - 1))
                order[at], order[at + 1] = order[at + 1], order[at]
        try:
            expected = longest_paths(orders, forward, backward, delay)
        except NegativeCycleError:
            stuck += 1
            with pytest.raises(ValueError, match="wait for each other"):
                simulate(orders, forward, backward, delay)
            continue
        result = simulate(orders, forward, backward, delay)
        assert result["starts"] == expected
        ends = [
            start + (forward if name == "F" else backward)[s]
            for s, order in enumerate(orders)
            for (name, _), start in zip(order, expected[s], strict=True)
        ]
        assert result["makespan"] == max(ends)
        busy = m * (sum(forward) + sum(backward))
        assert result["bubble"] == pytest.approx((p * max(ends) - busy) / (p * max(ends)), abs=1e-12)
        assert result["peaks"] == peaks_by_time(result, orders, backward)
    assert 30 < stuck < 120


@pytest.mark.parametrize("kind", KINDS)
def test_published_formulas(kind: str) -> None:
    """Equal stages: the bubble of the papers, and at most p - s (1F1B) or m (GPipe) microbatches on stage s."""
    for p in range(1, 7):
        for m in range(1, 13):
            for f, b in ((1, 1), (1, 2), (5, 3)):
                result = simulate(pipeline_order(kind, p, m), [f] * p, [b] * p)
                assert result["makespan"] == (m + p - 1) * (f + b)
                assert result["bubble"] == pytest.approx((p - 1) / (m + p - 1), abs=1e-12)
                assert result["peaks"] == [m if kind == "gpipe" else min(p - s, m) for s in range(p)]


def test_torch_accepts_the_orders() -> None:
    """Its simulation of computation and transfers gets through the orders, one stage on each rank."""
    schedules = pytest.importorskip("torch.distributed.pipelining.schedules")
    kinds = {"F": schedules._ComputationType.FORWARD, "B": schedules._ComputationType.FULL_BACKWARD}
    for kind in KINDS:
        orders = pipeline_order(kind, 4, 7)
        actions = {s: [schedules._Action(s, kinds[name], i) for name, i in order] for s, order in enumerate(orders)}
        copies = {s: [*todo] for s, todo in actions.items()}
        with_transfers = schedules._add_send_recv(copies, stage_to_rank=lambda stage: stage, num_stages=4)
        simulated = schedules._simulate_comms_compute(with_transfers, lambda stage: stage, 4)
        for s, order in enumerate(orders):
            assert [a for a in simulated[s] if a in actions[s]] == actions[s], order
