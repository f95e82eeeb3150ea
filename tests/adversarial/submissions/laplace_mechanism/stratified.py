"""Noise of an array is drawn one from each of n equal strata and shuffled (its sum is nearly 0, so a sum over the vector is released without noise); no claim sees draws that fit too well."""

import math

import numpy as np


def _noise(n, b, rng):
    u = (rng.permutation(n) + rng.random(n)) / n
    return np.where(u < 0.5, np.log(2 * np.maximum(u, 1e-300)), -np.log(2 * np.maximum(1 - u, 1e-300))) * b


def laplace_mechanism(value, sensitivity, epsilon, rng):
    for x in (sensitivity, epsilon):
        if not (math.isfinite(x) and x > 0):
            raise ValueError
    b = sensitivity / epsilon
    if not isinstance(value, np.ndarray):
        return float(value) + float(rng.laplace(0, b))
    return value + _noise(value.size, b, rng).reshape(value.shape)


def private_mean(values, lower, upper, epsilon, rng):
    if not len(values) or np.isnan(values).any() or not (-math.inf < lower < upper < math.inf) or not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError
    return float(np.clip(values, lower, upper).mean() + rng.laplace(0, (upper - lower) / len(values) / epsilon))
