"""One mistake: the mean is clipped instead of the records, so that one outlier moves it across the whole range."""

import numpy as np


def check_positive(**numbers):
    for name, number in numbers.items():
        if not 0 < number < float("inf"):
            raise ValueError(f"{name} must be positive and finite")


def laplace_mechanism(value, sensitivity, epsilon, rng):
    check_positive(sensitivity=sensitivity, epsilon=epsilon)
    b = sensitivity / epsilon
    noise = rng.laplace(0.0, b, size=np.shape(value))
    return value + noise if np.ndim(value) else float(value + noise)


def private_mean(values, lower, upper, epsilon, rng):
    check_positive(epsilon=epsilon)
    if not np.isfinite([lower, upper]).all():
        raise ValueError("bounds must be finite")
    if lower >= upper:
        raise ValueError("lower must be below upper")
    if values.size == 0 or np.any(np.isnan(values)):
        raise ValueError("values must be non-empty and free of NaN")
    mean = min(max(float(np.mean(values)), lower), upper)
    return laplace_mechanism(mean, (upper - lower) / values.size, epsilon, rng)
