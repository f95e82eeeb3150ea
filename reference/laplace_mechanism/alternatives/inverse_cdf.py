"""Inverse transform sampling: uniform numbers through the quantile function of the Laplace distribution."""

import numpy as np


def _quantile(u, scale):
    """Where the distribution function reaches 1/2 + u, for u in [-1/2, 1/2)."""
    return -scale * np.sign(u) * np.log1p(-2 * np.abs(u))


def laplace_mechanism(value, sensitivity, epsilon, rng):
    for number in (sensitivity, epsilon):
        if not np.isfinite(number) or number <= 0:
            raise ValueError("sensitivity and epsilon must be positive, finite numbers")
    if isinstance(value, np.ndarray):
        return value + _quantile(rng.random(value.shape) - 0.5, sensitivity / epsilon)
    return value + _quantile(rng.random() - 0.5, sensitivity / epsilon)


def private_mean(values, lower, upper, epsilon, rng):
    values = np.asarray(values, dtype=float)
    if values.size == 0:
        raise ValueError("no records")
    if np.isnan(values).any():
        raise ValueError("a record is NaN")
    width = upper - lower
    if not 0 < width < np.inf:
        raise ValueError("bounds must be finite and in order")
    clipped = np.minimum(np.maximum(values, lower), upper)
    return laplace_mechanism(clipped.sum() / clipped.size, width / clipped.size, epsilon, rng)
