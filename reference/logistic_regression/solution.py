"""Logistic regression with an L2 penalty: Newton's method whose steps are halved until they pay."""

import numpy as np


def logistic_regression(X, y, l2=1.0, sample_weight=None):
    """(coefficients (p,), intercept) that minimize the weighted sum of log losses + l2 / 2 * sum(w**2)."""
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    if X.ndim != 2 or y.ndim != 1 or weight.ndim != 1 or not len(X) == len(y) == len(weight):
        raise ValueError("X must have two axes, y and sample_weight one, all with as many rows")
    if not (np.isfinite(X).all() and np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("X and sample_weight must be finite, and no weight negative")
    if not 0 < l2 < np.inf:
        raise ValueError("l2 must be positive and finite")
    if not np.isin(y, (0, 1)).all() or len(np.unique(y[weight > 0])) < 2:
        raise ValueError("labels must be 0 and 1, and both must have some weight")

    rows = np.column_stack([np.ones(len(X)), X])  # the intercept is the first parameter
    penalty = np.full(rows.shape[1], float(l2))
    penalty[0] = 0.0
    sign = 2 * y - 1

    def objective(theta):
        return weight @ np.logaddexp(0, -sign * (rows @ theta)) + penalty @ theta**2 / 2

    theta = np.zeros(rows.shape[1])
    for _ in range(500):
        margin = sign * (rows @ theta)
        miss = np.exp(-np.logaddexp(0, margin))  # the probability of the other label, from 0 to 1 for any margin
        gradient = rows.T @ (-sign * weight * miss) + penalty * theta
        curvature = rows.T @ (rows * (weight * miss * (1 - miss))[:, None]) + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        # A full step may overshoot to where the curvature is all but 0, and the next one would be astronomical.
        now, share = objective(theta), 1.0
        while objective(theta - share * step) > now * (1 + 1e-12) - 0.1 * share * (gradient @ step):
            share /= 2
        theta = theta - share * step
        if np.abs(share * step).max() <= 1e-10 * np.abs(theta).max():
            break
    return theta[1:], theta[0]
