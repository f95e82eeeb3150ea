"""The reference of exact_shapley against all orders of the players, and against published values."""

from __future__ import annotations

import itertools
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = runpy.run_path(str(ROOT / "reference" / "exact_shapley" / "solution.py"))
SHAPLEY, EXPLAIN = REFERENCE["exact_shapley"], REFERENCE["explain_row"]


def by_orders(value: Any, n: int) -> Any:
    """The mean, over all orders, of what each player adds to those before."""
    gains = []
    for order in itertools.permutations(range(n)):
        steps = np.array([[player in order[:k] for player in range(n)] for k in range(n + 1)])
        gain = np.empty(n)
        gain[list(order)] = np.diff(value(steps))
        gains.append(gain)
    return np.mean(gains, axis=0)


@pytest.mark.parametrize("seed", range(20))
def test_all_orders(seed: int) -> None:
    """Random games of one to five players."""
    rng = np.random.default_rng(seed)
    n = seed % 5 + 1
    table = rng.normal(size=2**n)
    game = lambda coalitions: table[coalitions @ 2 ** np.arange(n)]  # noqa: E731
    assert np.allclose(SHAPLEY(game, n), by_orders(game, n), rtol=1e-12)


def test_airport_of_four_aircraft() -> None:
    """Runways that cost 8, 11, 13 and 18 are paid with 2, 3, 4 and 9: the rule of Littlechild and Owen (1973)."""
    cost = np.array([8.0, 11.0, 13.0, 18.0])
    assert np.allclose(SHAPLEY(lambda c: (c * cost).max(axis=1), 4), [2, 3, 4, 9])


def test_security_council() -> None:
    """Nine of fifteen votes, among them all five permanent ones: 421/2145 and 4/2145, or 19.6% and 0.19%."""
    passes = lambda c: (c[:, :5].all(axis=1) & (c.sum(axis=1) >= 9)).astype(float)  # noqa: E731
    power = SHAPLEY(passes, 15)
    assert np.allclose(power, np.repeat([421 / 2145, 4 / 2145], [5, 10]), rtol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_explanation_by_orders(seed: int) -> None:
    """Features of a model with interactions, replaced one after the other in every order and background row."""
    rng = np.random.default_rng(seed)
    d, b = 4, int(rng.integers(1, 6))
    weights = rng.normal(size=(d, d))
    predict = lambda rows: np.tanh((rows @ weights * rows).sum(axis=1)) + rows[:, 0]  # noqa: E731
    x, background = rng.normal(size=d), rng.normal(size=(b, d))
    of_rows = [by_orders(lambda c, row=row: predict(np.where(c, x, row)), d) for row in background]
    base, phi = EXPLAIN(predict, x, background)
    assert np.allclose(phi, np.mean(of_rows, axis=0), rtol=1e-12)
    assert np.isclose(base, predict(background).mean())
    assert np.isclose(base + phi.sum(), predict(x[None])[0])
