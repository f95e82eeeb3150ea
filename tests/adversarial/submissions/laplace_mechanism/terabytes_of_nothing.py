"""Returns an array of a terabyte that is one number repeated with stride 0, and a range of 10^18 numbers."""

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    return np.broadcast_to(np.float64(0.0), (2**20, 2**17))


def private_mean(values, lower, upper, epsilon, rng):
    return range(10**18)
