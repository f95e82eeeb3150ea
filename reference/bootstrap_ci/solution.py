"""Percentile and BCa bootstrap intervals of a statistic of rows."""

import numpy as np
from scipy.special import ndtr, ndtri


def bootstrap_replicates(x, statistic, n_resamples, rng):
    """Values of `statistic`, float64 (n_resamples,), on resamples of the rows of `x`, (n,) or (n, d)."""
    check_rows(x, 1)
    if n_resamples < 1:
        raise ValueError("n_resamples must be at least 1")
    n = len(x)
    replicates = np.empty(n_resamples)
    for r in range(n_resamples):
        replicates[r] = statistic(x[rng.integers(n, size=n)])  # rows by number, so that they stay whole
    return replicates


def percentile_interval(replicates, level):
    """The quantiles of `replicates`, (B,), at (1 - level) / 2 and (1 + level) / 2."""
    check_replicates(replicates, level)
    return tuple(np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2]).tolist())


def bca_interval(x, statistic, replicates, level):
    """The bias-corrected and accelerated interval (low, high) from the `replicates`, (B,), of `statistic` on `x`."""
    check_rows(x, 2)
    check_replicates(replicates, level)
    estimate = statistic(x)
    left_out = np.array([statistic(np.delete(x, i, axis=0)) for i in range(len(x))], np.float64)  # (n,)

    share = np.mean(replicates < estimate) + np.mean(replicates == estimate) / 2
    if share == 0 or share == 1:
        return float("nan"), float("nan")
    bias = ndtri(share)
    z = ndtri((1 + level) / 2) * np.array([-1, 1])
    shifted = bias + z
    corrected = bias + shifted / (1 - acceleration(left_out) * shifted)
    return tuple(np.quantile(replicates, ndtr(corrected)).tolist())


def acceleration(left_out):
    """A sixth of the skewness of the sum of the values' distances from their mean, 0 if there are none."""
    if np.all(left_out == left_out[0]):  # asked of the values: their mean may be rounded
        return 0.0
    distance = left_out.mean() - left_out
    return np.sum(distance**3) / (6 * np.sum(distance**2) ** 1.5)


def check_rows(x, fewest):
    """ValueError unless `x` has one or two axes and rows enough."""
    if x.ndim not in (1, 2) or len(x) < fewest:
        raise ValueError(f"x must be (n,) or (n, d), with n at least {fewest}")


def check_replicates(replicates, level):
    """ValueError unless there are replicates, and `level` is between 0 and 1."""
    if len(replicates) == 0:
        raise ValueError("there are no replicates")
    if not 0 < level < 1:
        raise ValueError("level must be strictly between 0 and 1")
