"""The Laplace mechanism, centred on the value itself, and a mean built on it."""

import math

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    if not all(math.isfinite(x) and x > 0 for x in (sensitivity, epsilon)):
        raise ValueError(f"need 0 < sensitivity < inf and 0 < epsilon < inf, got {sensitivity} and {epsilon}")
    # An array of centres gives one independent draw for each; a number gives a float.
    return rng.laplace(loc=value, scale=sensitivity / epsilon)


def private_mean(values, lower, upper, epsilon, rng):
    if not -math.inf < lower < upper < math.inf:  # one chain: a NaN breaks it, too
        raise ValueError(f"need finite bounds with lower < upper, got {lower} and {upper}")
    n = len(values)
    if n == 0:
        raise ValueError("the mean of no records is undefined")
    if np.isnan(np.sum(values)):
        raise ValueError("a record is NaN")
    clipped = np.clip(values, lower, upper)  # a copy
    # Replacing a record moves the clipped sum by at most upper - lower, and the mean by an n-th of that.
    return laplace_mechanism(float(clipped.mean()), (upper - lower) / n, epsilon, rng)
