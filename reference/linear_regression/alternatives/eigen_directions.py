"""The centered normal equations along their eigenvectors, without those of eigenvalue 0, and one step of refinement."""

import math

import numpy as np


def linear_regression(X: np.ndarray, y: np.ndarray, ridge: float = 0.0) -> tuple[np.ndarray, float]:
    """(coefficients (p,), intercept) that minimize sum((y - b - X @ w)**2) + ridge * sum(w**2); X (n, p), y (n,)."""
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or len(y) == 0:
        raise ValueError("X must be (n, p) and y (n,), with at least one row")
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("X and y must be finite")
    if not 0 <= ridge < math.inf:
        raise ValueError("ridge must be finite and at least 0")

    X, y = X.astype(np.float64), y.astype(np.float64)
    n, p = X.shape
    means = np.array([math.fsum(column) / n for column in X.T])
    mean = math.fsum(y) / n
    centered, target = X - means, y - mean
    centered -= centered.mean(axis=0)
    centered[:, (X == X[0]).all(axis=0)] = 0.0  # their means may have been rounded
    w = np.zeros(p)
    if centered.any():
        values, vectors = np.linalg.eigh(centered.T @ centered)
        kept = values > 1e-12 * values[-1]
        values, vectors = values[kept] + ridge, vectors[:, kept]
        for _ in range(2):
            pull = centered.T @ (target - centered @ w) - ridge * w
            w = w + vectors @ ((vectors.T @ pull) / values)
    return w, math.fsum([mean, *(-means * w)])
