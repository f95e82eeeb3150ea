"""The reference of pass_at_k against scipy's hypergeometric distribution, and against what unbiased means."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, hypergeom

ROOT = Path(__file__).resolve().parents[2]
PASS_AT_K = runpy.run_path(str(ROOT / "reference" / "pass_at_k" / "solution.py"))["pass_at_k"]


@pytest.mark.parametrize("most", [12, 200, 10_000])
@pytest.mark.parametrize("seed", range(12))
def test_no_success_among_k_draws(seed: int, most: int) -> None:
    """1 less the hypergeometric chance of no success."""
    rng = np.random.default_rng(seed)
    n = rng.integers(1, most + 1, 10)
    c = np.minimum(rng.integers(0, most // 2, 10), rng.integers(0, n + 1))
    for k in (1, int(n.min()), int(rng.integers(1, n.min() + 1))):
        np.testing.assert_allclose(PASS_AT_K(n, c, k), hypergeom.sf(0, n, c, k), rtol=0, atol=1e-9)


@pytest.mark.parametrize("rate", [0.0, 0.03, 0.4, 1.0])
@pytest.mark.parametrize("n", [1, 5, 40])
def test_its_mean_is_what_it_estimates(n: int, rate: float) -> None:
    """Over the binomial distribution of c, the estimate is 1 - (1 - rate)^k on average, for each k up to n."""
    c = np.arange(n + 1)
    for k in range(1, n + 1):
        mean = binom.pmf(c, n, rate) @ PASS_AT_K(np.full(n + 1, n), c, k)
        np.testing.assert_allclose(mean, 1 - (1 - rate) ** k, rtol=0, atol=1e-12)
