"""Returns infinities and NaN in the right places and shapes."""

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    if not (sensitivity > 0 and epsilon > 0):
        raise ValueError
    noise = np.full(np.shape(value), np.inf)
    noise.flat[::2] = np.nan
    return value + noise


def private_mean(values, lower, upper, epsilon, rng):
    return float("inf")
