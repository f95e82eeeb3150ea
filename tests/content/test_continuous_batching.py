"""The reference of continuous_batching against a closed form, and against what a scheduler must never do.

The model keeps no queues: a row of all live requests by age, of which sums along the row say how many can run and what
each gets. The invariants know nothing of the rules: budgets hold, nobody overtakes, tokens are computed once each
between two pre-emptions, and every request ends within the time that the oldest ones need at most.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
Scheduler = runpy.run_path(str(ROOT / "reference" / "continuous_batching" / "solution.py"))["Scheduler"]
Plan = tuple[list[tuple[int, int, int]], list[int]]


class Model:
    """Arrays over all live requests, oldest first, and how many of them ran last."""

    def __init__(self, budget: int, blocks: int, size: int) -> None:
        self.budget, self.blocks, self.size = budget, blocks, size
        self.ids, self.lengths, self.computed = (np.zeros(0, int) for _ in range(3))
        self.ran = 0

    def step(self, finished: list[int], arrived: list[tuple[int, int]]) -> Plan:
        """Everything from cumulative sums along the row."""
        stays = ~np.isin(self.ids, finished)
        ran = int(stays[: self.ran].sum())
        grown = self.lengths + ((self.computed == self.lengths) & (np.arange(len(self.ids)) < self.ran))
        new = np.array(arrived, int).reshape(-1, 2)
        self.ids = np.concatenate([self.ids[stays], new[:, 0]])
        self.lengths = np.concatenate([grown[stays], new[:, 1]])
        self.computed = np.concatenate([self.computed[stays], 0 * new[:, 0]])

        held = np.cumsum(-(-self.lengths // self.size))
        room = int(np.searchsorted(held, self.blocks, side="right"))  # so many of the row fit
        victims = np.arange(room, ran)[::-1]
        self.computed[victims] = 0
        wanted = self.lengths - self.computed
        before = np.cumsum(wanted) - wanted
        counts = np.clip(self.budget - before, 0, wanted)
        counts[room:] = 0
        batch = [(int(self.ids[k]), int(self.computed[k]), int(counts[k])) for k in np.flatnonzero(counts)]
        self.computed = self.computed + counts
        self.ran = int(np.count_nonzero(counts))
        return batch, self.ids[victims].tolist()


def simulate(sizes: tuple[int, int, int], steps: list[list[int]], needs_of: Any) -> tuple[int, int]:
    """Feed both with arrivals (lengths of prompts) until all have ended; numbers of pre-emptions and of pieces."""
    ours, model = Scheduler(*sizes), Model(*sizes)
    budget, blocks, size = sizes
    age: dict[int, int] = {}  # by id, in order of arrival
    goal: dict[int, int] = {}  # length at which a request ends
    tokens: dict[int, int] = {}
    at: dict[int, int] = {}  # where its next token must be
    ended: list[int] = []
    preemptions = pieces = number = 0
    bound = 0
    while number < len(steps) or goal:
        lengths = steps[number] if number < len(steps) else []
        arrived = []
        for length in lengths:
            request = len(age) * 7 % 10007
            age[request], tokens[request], at[request] = len(age), length, 0
            goal[request] = min(length + needs_of(request), blocks * size)
            # alone, it would need as many iterations; when it is the oldest it has no less
            bound += 2 * goal[request] + 2
            arrived.append((request, length))
        batch, preempted = ours.step(ended, arrived)
        assert (batch, preempted) == model.step(ended, arrived)
        for request in ended:
            del goal[request]
        ended = []

        running = [request for request, _, _ in batch]
        assert [*running, *ours.waiting] == sorted(goal, key=lambda one: age[one])
        assert sum(count for _, _, count in batch) <= budget
        held = sum(-(-tokens[request] // size) for request in running)
        assert ours.free_blocks == blocks - held >= 0
        for request in preempted:
            at[request] = 0
        preemptions += len(preempted)
        for request, start, count in batch:
            assert start == at[request]
            assert 1 <= count <= tokens[request] - start
            at[request] += count
            pieces += at[request] < tokens[request]
            if at[request] == tokens[request]:
                if tokens[request] >= goal[request]:
                    ended.append(request)
                else:
                    tokens[request] += 1
        assert running or not goal  # somebody always goes on
        number += 1
        assert number <= len(steps) + bound
    assert ours.free_blocks == blocks
    assert ours.waiting == []
    return preemptions, pieces


@pytest.mark.parametrize("start", [0, 20])
def test_drawn_loads(start: int) -> None:
    """Twenty loads each, from idle to overloaded, all run to their end."""
    preemptions = pieces = 0
    for seed in range(start, start + 20):
        rng = np.random.default_rng(seed)
        sizes = int(rng.integers(1, 12)), int(rng.integers(1, 10)), int(rng.integers(1, 5))
        longest = sizes[1] * sizes[2]
        steps = [rng.integers(1, longest + 1, rng.poisson(0.5)).tolist() for _ in range(25)]
        needs = rng.integers(0, 12, 200).tolist()
        one, other = simulate(sizes, steps, lambda request, needs=needs: needs[request % 200])
        preemptions, pieces = preemptions + one, pieces + other
    assert preemptions > 20
    assert pieces > 50


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3)),
    st.lists(st.lists(st.integers(1, 18), max_size=3), max_size=8),
    st.integers(0, 9),
)
def test_searched_loads(sizes: tuple[int, int, int], lengths: list[list[int]], needs: int) -> None:
    """Whatever hypothesis comes up with."""
    longest = sizes[1] * sizes[2]
    simulate(sizes, [[min(one, longest) for one in some] for some in lengths], lambda request: (needs + request) % 7)
