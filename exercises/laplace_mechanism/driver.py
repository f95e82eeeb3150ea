"""Calls the submission many times in a row, so that a sample of single numbers crosses the wire at once."""

import numpy as np
import solution


def noisy_scalars(value, sensitivity, epsilon, rng, times):
    """`times` results of `laplace_mechanism` for one number, from one generator: float64, (times,)."""
    return np.array([float(solution.laplace_mechanism(value, sensitivity, epsilon, rng)) for _ in range(times)])


def noisy_means(values, lower, upper, epsilon, rng, times):
    """`times` results of `private_mean` for the same records, from one generator: float64, (times,)."""
    return np.array([float(solution.private_mean(values, lower, upper, epsilon, rng)) for _ in range(times)])
