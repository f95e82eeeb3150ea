"""Newton directions with a line search on the slope, which a convex function makes monotone, instead of on the loss."""

import math
from collections.abc import Callable

import numpy as np


def logistic_regression(
    X: np.ndarray, y: np.ndarray, l2: float = 1.0, sample_weight: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    weight = np.ones(y.shape) if sample_weight is None else sample_weight
    if X.ndim != 2 or y.ndim != 1 or weight.ndim != 1 or not len(X) == len(y) == len(weight):
        raise ValueError("X must be (n, p), y and sample_weight (n,)")
    if not (np.isfinite(X).all() and np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("X and sample_weight must be finite, and no weight negative")
    if not (math.isfinite(l2) and l2 > 0):
        raise ValueError("l2 must be finite and greater than 0")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    used = weight > 0
    X, y, weight = X[used], y[used], weight[used]
    ones, zeros = weight[y == 1].sum(), weight[y == 0].sum()
    if ones == 0 or zeros == 0:
        raise ValueError("both labels are needed")

    center = np.average(X, axis=0, weights=weight)
    design = np.column_stack([X - center, np.ones(len(X))])
    signs = 2.0 * y - 1
    penalty = np.full(design.shape[1], float(l2))
    penalty[-1] = 0

    def gradient(theta: np.ndarray) -> np.ndarray:
        return penalty * theta - design.T @ (weight * signs * logistic(-signs * (design @ theta)))

    def direction(theta: np.ndarray, slope: np.ndarray) -> np.ndarray:
        z = design @ theta
        hessian = design.T @ ((weight * logistic(z) * logistic(-z))[:, None] * design) + np.diag(penalty)
        unit = 1 / np.sqrt(np.diag(hessian) + 1e-300)
        scaled = unit[:, None] * hessian * unit + 1e-14 * np.eye(len(theta))
        return -unit * np.linalg.solve(scaled, unit * slope)

    theta = np.zeros(design.shape[1])
    theta[-1] = math.log(ones / zeros)
    for _ in range(500):
        slope = gradient(theta)
        move = direction(theta, slope)
        length = search(lambda t: gradient(theta + t * move) @ move, slope @ move)  # noqa: B023
        theta = theta + length * move
        if (np.abs(length * move) <= 1e-12 + 1e-10 * np.abs(theta)).all():
            break
    return theta[:-1], float(theta[-1] - center @ theta[:-1])


def logistic(z: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1 + small)


def search(slope_at: Callable[[float], float], start: float) -> float:
    """A length at which the slope along the line is at most half of what it is at the start."""
    low, high = 0.0, 1.0
    while (slope := slope_at(high)) < start / 2 and high < 1e6:
        low, high = high, 2 * high
    if slope <= -start / 2:
        return high
    for _ in range(80):
        middle = (low + high) / 2
        slope = slope_at(middle)
        if abs(slope) <= -start / 2:
            return middle
        low, high = (middle, high) if slope < 0 else (low, middle)
    return low
