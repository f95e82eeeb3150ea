"""One element at a time: the difference of two exponential variables is a Laplace variable."""

import math

import numpy as np


def _is_positive(number):
    return math.isfinite(number) and number > 0


def _noise(scale, rng):
    return scale * (rng.standard_exponential() - rng.standard_exponential())


def laplace_mechanism(value, sensitivity, epsilon, rng):
    if not (_is_positive(sensitivity) and _is_positive(epsilon)):
        raise ValueError("sensitivity and epsilon must be finite and positive")
    scale = sensitivity / epsilon
    if np.ndim(value) == 0:
        return float(value) + _noise(scale, rng)
    noisy = np.empty(value.shape)
    for index, element in enumerate(value.flat):
        noisy.flat[index] = element + _noise(scale, rng)
    return noisy


def private_mean(values, lower, upper, epsilon, rng):
    records = [float(record) for record in values]
    if not records or any(math.isnan(record) for record in records):
        raise ValueError("values must hold at least one number and no NaN")
    if not (math.isfinite(lower) and math.isfinite(upper)) or lower >= upper:
        raise ValueError("lower must be below upper, both finite")
    # The sum moves by at most upper - lower, so noise for the sum, divided by the public n, is noise for the mean.
    total = math.fsum(min(max(record, lower), upper) for record in records)
    return laplace_mechanism(total, upper - lower, epsilon, rng) / len(records)
