"""A damped Hessian instead of shorter steps: the damping grows after a step that fails and fades after one that pays."""

import math

import numpy as np


def logistic_regression(X, y, l2=1.0, sample_weight=None):
    s = np.ones(y.shape) if sample_weight is None else np.array(sample_weight)
    if np.ndim(X) != 2 or y.shape != (X.shape[0],) or s.shape != y.shape:
        raise ValueError("shapes")
    if not math.isfinite(l2) or l2 <= 0:
        raise ValueError("l2")
    if not np.isfinite(X).all() or not np.isfinite(s).all() or np.any(s < 0):
        raise ValueError("numbers")
    if not set(y.tolist()) <= {0, 1}:
        raise ValueError("labels")
    if {label for label, weight in zip(y.tolist(), s.tolist(), strict=True) if weight > 0} != {0, 1}:
        raise ValueError("one label")
    counted = s > 0
    X, y, s = X[counted], y[counted], s[counted]
    units = np.maximum(np.abs(X).max(axis=0, initial=0.0), 1e-6)  # columns in units of their largest entry
    X = X / units
    ridge = l2 / units**2

    def look(w, b):
        z = X @ w + b
        value = np.sum(s * (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z)) + np.sum(ridge * w * w) / 2
        tail = np.exp(-np.abs(z))
        p = np.where(z > 0, 1 / (1 + tail), tail / (1 + tail))
        residual = s * np.where(y == 1, -np.where(z > 0, tail / (1 + tail), 1 / (1 + tail)), p)
        v = s * tail / (1 + tail) ** 2
        gradient = np.append(X.T @ residual + ridge * w, residual.sum())
        hessian = np.empty((len(w) + 1, len(w) + 1))
        hessian[:-1, :-1] = np.einsum("ni,n,nj->ij", X, v, X) + np.diag(ridge)
        hessian[:-1, -1] = hessian[-1, :-1] = X.T @ v
        hessian[-1, -1] = v.sum()
        return value, gradient, hessian

    w, b, damping = np.zeros(X.shape[1]), 0.0, 0.0
    value, gradient, hessian = look(w, b)
    for _ in range(2000):
        step = np.linalg.solve(hessian + damping * np.eye(len(gradient)), gradient)
        trial = look(w - step[:-1], b - step[-1])
        if trial[0] <= value * (1 + 1e-13):
            w, b = w - step[:-1], b - step[-1]
            value, gradient, hessian = trial
            done = damping < 1e-9 and np.all(np.abs(step) <= 1e-9 * np.abs(np.append(w, b)) + 1e-14)
            damping = damping / 10 if damping > 1e-10 else 0.0
            if done:
                break
        else:
            damping = max(damping * 10, 1e-4)
    return w / units, float(b)
