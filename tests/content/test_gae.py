"""The reference of gae against scipy's recursive filter, and against sums and mixtures written as in the paper."""

from __future__ import annotations

import runpy
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import lfilter

ROOT = Path(__file__).resolve().parents[2]
GAE = runpy.run_path(str(ROOT / "reference" / "gae" / "solution.py"))["gae"]
SEEDS = range(30)


def draw(seed: int) -> tuple[list[Any], float, float]:
    """One rollout of 40 steps, gamma and lam."""
    rng = np.random.default_rng(seed)
    numbers = list(rng.normal(size=(3, 40)))
    flags = [rng.random(40) < 0.1, rng.random(40) < 0.1]
    return numbers + flags, rng.uniform(0.5, 1.0), rng.uniform(0.0, 1.0)


def deltas_of(rollout: list[Any], gamma: float) -> Any:
    """One-step errors."""
    rewards, values, after, terminated, _ = rollout
    return rewards + gamma * (1 - terminated) * after - values


@pytest.mark.parametrize("seed", SEEDS)
def test_episodes_are_filtered_backwards(seed: int) -> None:
    """Within an episode, a first-order recursive filter of the deltas in reverse."""
    rollout, gamma, lam = draw(seed)
    deltas = deltas_of(rollout, gamma)
    starts = [0, *np.flatnonzero(rollout[3] | rollout[4]) + 1, len(deltas)]
    parts = [lfilter([1.0], [1.0, -gamma * lam], deltas[a:b][::-1])[::-1] for a, b in pairwise(starts) if b > a]
    advantages, returns = GAE(*rollout, gamma, lam)
    np.testing.assert_allclose(advantages, np.concatenate(parts), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(returns, advantages + rollout[1], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_mixture_of_k_step_estimates(seed: int) -> None:
    """Weights (1 - lam) lam^(k-1) of the k-step estimates; the rest goes to the longest, which ends the rollout."""
    (rewards, values, after, _, _), gamma, lam = draw(seed)
    after = np.append(values[1:], after[-1])  # one unbroken episode, as in the paper
    never = np.zeros(len(rewards), bool)
    powers = gamma ** np.arange(len(rewards))
    k_step = np.cumsum(powers * rewards) + gamma * powers * after - values[0]
    weights = (1 - lam) * lam ** np.arange(len(rewards))
    weights[-1] = lam ** (len(rewards) - 1)
    expected = weights @ k_step
    np.testing.assert_allclose(
        GAE(rewards, values, after, never, never, gamma, lam)[0][0], expected, rtol=1e-9, atol=1e-9
    )
