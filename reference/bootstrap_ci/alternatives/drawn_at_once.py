"""Draws all resamples' row numbers at once, and reads all quantiles with NumPy."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri

Statistic = Callable[[np.ndarray], float]


def check(x: np.ndarray, fewest: int) -> None:
    """ValueError for an `x` that is not rows, or too few of them."""
    if x.ndim not in (1, 2) or len(x) < fewest:
        raise ValueError(f"x must be (n,) or (n, d) with n at least {fewest}")


def quantiles(replicates: np.ndarray, shares: tuple[float, float]) -> tuple[float, float]:
    """Two quantiles, by linear interpolation."""
    low, high = np.quantile(replicates, shares).tolist()
    return low, high


def check_level(replicates: np.ndarray, level: float) -> None:
    """ValueError for a level outside (0, 1) or no replicates."""
    if not 0 < level < 1 or replicates.size == 0:
        raise ValueError("level must be in (0, 1), and there must be replicates")


def bootstrap_replicates(x: np.ndarray, statistic: Statistic, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Values of `statistic`, float64 (n_resamples,), on resamples of the rows of `x`, (n,) or (n, d)."""
    check(x, 1)
    if n_resamples < 1:
        raise ValueError("n_resamples must be at least 1")
    draws = rng.integers(len(x), size=(n_resamples, len(x)))
    return np.array([float(statistic(x[rows])) for rows in draws], dtype=np.float64)


def percentile_interval(replicates: np.ndarray, level: float) -> tuple[float, float]:
    """The quantiles of `replicates`, (B,), at (1 - level) / 2 and (1 + level) / 2."""
    check_level(replicates, level)
    return quantiles(replicates, ((1 - level) / 2, (1 + level) / 2))


def acceleration(without: np.ndarray) -> float:
    """The a of the interval from the statistics that each lack a row."""
    if (without == without[0]).all():
        return 0.0
    gaps = without.mean() - without
    gaps /= np.abs(gaps).max()  # changes nothing, and neither cubes nor squares vanish
    return float((gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5))


def bca_interval(x: np.ndarray, statistic: Statistic, replicates: np.ndarray, level: float) -> tuple[float, float]:
    """The bias-corrected and accelerated interval (low, high) from the `replicates`, (B,), of `statistic` on `x`."""
    check(x, 2)
    check_level(replicates, level)
    estimate = float(statistic(x.copy()))
    a = acceleration(np.array([float(statistic(np.delete(x, i, axis=0))) for i in range(len(x))]))
    p = ((replicates < estimate).sum() + 0.5 * (replicates == estimate).sum()) / len(replicates)
    if p in (0.0, 1.0):
        return float("nan"), float("nan")
    bias, z = ndtri(p), ndtri((1 + level) / 2)
    shifted = bias + np.array([-z, z])
    low, high = ndtr(bias + shifted / (1 - a * shifted)).tolist()
    return quantiles(replicates, (low, high))
