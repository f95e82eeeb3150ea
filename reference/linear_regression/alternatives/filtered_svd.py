"""One singular value decomposition of the centered columns, whose values are filtered by s / (s² + ridge)."""

import math

import numpy as np


def spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean over rows, and the differences to it; those of equal rows are exactly 0."""
    exact = values.astype(np.longdouble)
    shifted = exact - exact[0]
    offset = shifted.mean(axis=0)
    return exact[0] + offset, (shifted - offset).astype(np.float64)


def linear_regression(X: np.ndarray, y: np.ndarray, ridge: float = 0.0) -> tuple[np.ndarray, float]:
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or len(X) == 0:
        raise ValueError("X must be (n, p) and y (n,), with at least one row")
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("X and y must be finite")
    if not (math.isfinite(ridge) and ridge >= 0):
        raise ValueError("ridge must be finite and not negative")
    mean_x, rows = spread(X)
    mean_y, targets = spread(y)
    if X.shape[1] == 0:
        return np.zeros(0), float(mean_y)
    left, values, right = np.linalg.svd(rows, full_matrices=False)
    kept = values > 1e-9 * values[0]
    left, values, right = left[:, kept], values[kept], right[kept]
    coefficients = right.T @ (values / (values**2 + ridge) * (left.T @ targets))
    return coefficients, float(mean_y - mean_x @ coefficients)
