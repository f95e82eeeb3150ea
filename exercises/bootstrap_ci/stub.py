"""Percentile and BCa bootstrap intervals; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from collections.abc import Callable

import numpy as np


def bootstrap_replicates(
    x: np.ndarray, statistic: Callable[[np.ndarray], float], n_resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """Values of `statistic`, float64 (n_resamples,), on resamples of the rows of `x`, (n,) or (n, d)."""
    raise NotImplementedError


def percentile_interval(replicates: np.ndarray, level: float) -> tuple[float, float]:
    """The quantiles of `replicates`, (B,), at (1 - level) / 2 and (1 + level) / 2."""
    raise NotImplementedError


def bca_interval(
    x: np.ndarray, statistic: Callable[[np.ndarray], float], replicates: np.ndarray, level: float
) -> tuple[float, float]:
    """The bias-corrected and accelerated interval (low, high) from the `replicates`, (B,), of `statistic` on `x`."""
    raise NotImplementedError
