"""Ridge as ordinary least squares with p more rows: sqrt(ridge) times the identity, all of them with the target 0."""

import math

import numpy as np


def linear_regression(X, y, ridge=0.0):
    shapes_fit = len(X.shape) == 2 and y.shape == X.shape[:1]
    if not shapes_fit or y.size < 1 or not math.isfinite(ridge) or ridge < 0:
        raise ValueError("arguments")
    for numbers in (X, y):
        if np.isnan(numbers).any() or np.isinf(numbers).any():
            raise ValueError("not finite")
    p = X.shape[1]
    center = np.append(X, y[:, None], axis=1).astype(float).mean(axis=0)
    design, target = X - center[:p], y - center[p]
    cut = 1e-5
    if ridge > 0:
        design, target = np.vstack([design, math.sqrt(ridge) * np.eye(p)]), np.append(target, np.zeros(p))
        cut = None
    w = np.linalg.lstsq(design, target, rcond=cut)[0]
    return w, float(center[p] - np.dot(center[:p], w))
