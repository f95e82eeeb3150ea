"""The reference of bootstrap_ci against scipy.stats.bootstrap on the same replicates; all resamples of three rows."""

from __future__ import annotations

import itertools
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = runpy.run_path(str(ROOT / "reference" / "bootstrap_ci" / "solution.py"))
SEEDS = range(25)


def ratio(rows: Any) -> float:
    """A skewed statistic of two columns."""
    return float(rows[:, 0].mean() / rows[:, 1].mean())


def middle(rows: Any) -> float:
    """A statistic with many ties: the lower quartile of rounded numbers."""
    return float(np.sort(rows)[len(rows) // 4])


def some_rows(rng: np.random.Generator, statistic: Any) -> Any:
    """Rounded numbers, of which one at least changes the statistic; scipy divides by 0 where none does."""
    while True:
        x = np.round(rng.exponential(5.0, int(rng.integers(8, 40))), 1)
        if len({statistic(np.delete(x, i)) for i in range(len(x))}) > 1:
            return x


@pytest.mark.parametrize("seed", SEEDS)
def test_intervals_of_one_column(seed: int) -> None:
    """Variance and quartile, whose replicates repeat."""
    rng = np.random.default_rng(seed)
    level = float(rng.choice([0.5, 0.9, 0.95]))
    for statistic in (np.var, middle):
        x = some_rows(rng, statistic)
        for method, interval in (("percentile", REFERENCE["percentile_interval"]), ("BCa", REFERENCE["bca_interval"])):
            theirs = stats.bootstrap(
                (x,), statistic, n_resamples=499, method=method, confidence_level=level, vectorized=False, rng=rng
            )
            given = (theirs.bootstrap_distribution, level)
            ours = interval(*given) if method == "percentile" else interval(x, statistic, *given)
            assert np.allclose(ours, theirs.confidence_interval, rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_intervals_of_paired_columns(seed: int) -> None:
    """Two columns that are resampled together."""
    rng = np.random.default_rng(seed)
    x = rng.gamma(2.0, 3.0, (int(rng.integers(6, 30)), 2))
    theirs = stats.bootstrap(
        (x[:, 0], x[:, 1]), lambda a, b: a.mean() / b.mean(), n_resamples=499, paired=True, vectorized=False, rng=rng
    )
    ours = REFERENCE["bca_interval"](x, ratio, theirs.bootstrap_distribution, 0.95)
    assert np.allclose(ours, theirs.confidence_interval, rtol=1e-9)


def test_all_resamples_of_three_rows() -> None:
    """27 ordered resamples, all equally likely."""
    seen: Counter[tuple[int, ...]] = Counter()

    def statistic(rows: Any) -> int:
        seen[tuple(rows.tolist())] += 1
        return int(rows.sum())

    replicates = REFERENCE["bootstrap_replicates"](np.array([5, 7, 9]), statistic, 5400, np.random.default_rng(0))
    assert replicates.dtype == np.float64
    assert sorted(replicates) == sorted(float(sum(rows)) for rows in seen.elements())
    assert set(seen) == set(itertools.product((5, 7, 9), repeat=3))
    assert stats.chisquare(list(seen.values())).pvalue > 1e-3
