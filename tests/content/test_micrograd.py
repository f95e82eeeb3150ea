"""The reference of micrograd against torch's autograd, which submissions may not use, in `float64`."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
ROOT = Path(__file__).resolve().parents[2]
Value = runpy.run_path(str(ROOT / "reference" / "micrograd" / "solution.py"))["Value"]


def grow(nodes: list[Any], choices: list[tuple[int, int, int, float]]) -> None:
    """Append to `nodes` what the choices say; the same for our nodes and for torch's."""
    for kind, one, other, number in choices:
        a, b = nodes[one], nodes[other]
        nodes.append(
            (
                lambda a, b, c: a + b * c,
                lambda a, b, c: c - a * b,
                lambda a, b, c: a / (b * b + c),
                lambda a, b, c: c / (a * a + 1) - 2,
                lambda a, b, c: (a * a + 1) ** c,
                lambda a, b, c: (a.tanh() * c).exp() + b.relu(),
                lambda a, b, c: (b * b + c).log() * -a,
                lambda a, b, c: c + (1 - a.tanh()) * b.tanh(),
            )[kind](a, b, number)
        )


def test_drawn_graphs_have_the_gradients_of_torch() -> None:
    """At every node, after one call, after two, and after one of another root."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        leaves = rng.normal(size=3).tolist()
        choices = []
        for k in range(12):
            one, other = (int(index) for index in rng.integers(max(0, k - 3), 3 + k, 2))
            choices.append((int(rng.integers(8)), one, other, float(rng.uniform(0.3, 1.2))))
        ours: list[Any] = [Value(number) for number in leaves]
        theirs = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in leaves]
        grow(ours, choices)
        grow(theirs, choices)
        if not all(abs(node.data) < 1e6 for node in ours):
            continue
        for node in theirs[3:]:
            node.retain_grad()
        for root in (-1, -1, 7):
            ours[root].backward()
            theirs[root].backward(retain_graph=True)
            for mine, known in zip(ours, theirs, strict=True):
                expected = 0.0 if known.grad is None else known.grad.item()
                assert mine.data == pytest.approx(known.item(), rel=1e-11, abs=1e-11)
                assert mine.grad == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_corners_are_those_of_torch() -> None:
    """Powers at 0 and relu at 0."""
    for exponent in (0, 1, 2, 1.5):
        ours, theirs = Value(0), torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
        (ours**exponent).backward()
        (theirs**exponent).backward()
        assert ours.grad == theirs.grad.item()
    ours, theirs = Value(0), torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    ours.relu().backward()
    theirs.relu().backward()
    assert ours.grad == theirs.grad.item() == 0


def test_a_chain_of_fifty_thousand() -> None:
    node = first = Value(1.0)
    for _ in range(50_000):
        node = node + 1
    node.backward()
    assert (node.data, first.grad) == (50_001.0, 1.0)
