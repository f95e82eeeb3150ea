"""A resample is drawn as a multinomial count for each row, and the rows are repeated by their counts."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri


def sound_rows(x: np.ndarray, least: int) -> None:
    """ValueError unless x has one or two axes and at least `least` rows."""
    if x.ndim not in (1, 2) or x.shape[0] < least:
        raise ValueError("x must have one or two axes and enough rows")


def sound_replicates(replicates: np.ndarray, level: float) -> None:
    """ValueError for no replicates, or a level outside (0, 1)."""
    if len(replicates) == 0 or not 0 < level < 1:
        raise ValueError("there must be replicates, and the level must be between 0 and 1")


def quantiles(replicates: np.ndarray, shares: tuple[float, float]) -> tuple[float, float]:
    """Read the sorted replicates at the two positions (B - 1) q."""
    ordered = np.sort(replicates)
    last = len(ordered) - 1
    low, high = np.interp(last * np.array(shares), np.arange(last + 1), ordered)
    return float(low), float(high)


def bootstrap_replicates(
    x: np.ndarray, statistic: Callable[[np.ndarray], float], n_resamples: int, rng: np.random.Generator
) -> np.ndarray:
    sound_rows(x, 1)
    if n_resamples < 1:
        raise ValueError("n_resamples must be at least 1")
    n = len(x)
    replicates = np.empty(n_resamples)
    for place in range(n_resamples):
        counts = rng.multinomial(n, np.full(n, 1 / n))
        replicates[place] = statistic(np.repeat(x, counts, axis=0))
    return replicates


def percentile_interval(replicates: np.ndarray, level: float) -> tuple[float, float]:
    sound_replicates(replicates, level)
    return quantiles(replicates, ((1 - level) / 2, (1 + level) / 2))


def bca_interval(
    x: np.ndarray, statistic: Callable[[np.ndarray], float], replicates: np.ndarray, level: float
) -> tuple[float, float]:
    sound_rows(x, 2)
    sound_replicates(replicates, level)
    n = len(x)
    everyone = np.arange(n)
    estimate = float(statistic(x.copy()))
    left_out = np.array([float(statistic(x[everyone != i])) for i in range(n)])

    below = (np.sign(estimate - replicates).mean() + 1) / 2
    if np.all(replicates > estimate) or np.all(replicates < estimate):
        return float("nan"), float("nan")
    bias = ndtri(below)

    acceleration = 0.0
    if np.any(left_out != left_out[0]):
        gaps = left_out.mean() - left_out
        gaps = gaps / np.abs(gaps).max()
        acceleration = (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)

    def share(z: float) -> float:
        shifted = bias + z
        return float(ndtr(bias + shifted / (1 - acceleration * shifted)))

    z = float(ndtri((1 + level) / 2))
    return quantiles(replicates, (share(-z), share(z)))
