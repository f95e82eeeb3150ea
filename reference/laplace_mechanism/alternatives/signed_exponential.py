"""An exponential size with a random sign; the mean draws its noise on its own."""

import numpy as np


def _scale(sensitivity, epsilon):
    if np.all(np.isfinite([sensitivity, epsilon])) and min(sensitivity, epsilon) > 0:
        return sensitivity / epsilon
    raise ValueError(f"sensitivity {sensitivity} and epsilon {epsilon} must be finite and above 0")


def laplace_mechanism(value, sensitivity, epsilon, rng):
    scale = _scale(sensitivity, epsilon)
    answer = np.array(value, dtype=np.float64)
    sizes = rng.exponential(scale, answer.shape)
    answer += np.where(rng.integers(0, 2, answer.shape) == 1, sizes, -sizes)
    return answer[()]


def private_mean(values, lower, upper, epsilon, rng):
    n = len(values)
    if n < 1 or not np.isfinite([lower, upper]).all() or not lower < upper or np.any(values != values):
        raise ValueError("bad records or bounds")
    return rng.laplace(np.clip(values, lower, upper).mean(), _scale((upper - lower) / n, epsilon))
