"""Least squares with an intercept and a ridge penalty, through the singular values of the centered columns."""

import numpy as np

NEGLIGIBLE = 1e-6  # of the largest singular value: between rounding errors (1e-9) and real directions (1e-3)


def linear_regression(X, y, ridge=0.0):
    """(coefficients (p,), intercept) that minimize sum((y - b - X @ w)**2) + ridge * sum(w**2)."""
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y):
        raise ValueError("X must have two axes, y one, with as many rows")
    if len(X) == 0:
        raise ValueError("there must be rows")
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("X and y must be finite")
    if not 0 <= ridge < np.inf:
        raise ValueError("ridge must be at least 0 and finite")
    # For any w the best b is mean(y) - mean(X) @ w. With it in place, both are seen from their means, and b is gone.
    x_mean, y_mean = X.mean(axis=0), y.mean()
    u, s, vt = np.linalg.svd(X - x_mean, full_matrices=False)
    seen = s > NEGLIGIBLE * s.max(initial=0.0)  # directions in which the rows differ at all; none if s is 0
    gain = np.zeros_like(s)
    gain[seen] = s[seen] / (s[seen] ** 2 + ridge)
    w = vt.T @ (gain * (u.T @ (y - y_mean)))  # 0 in all other directions: the shortest minimizer
    return w, y_mean - x_mean @ w
