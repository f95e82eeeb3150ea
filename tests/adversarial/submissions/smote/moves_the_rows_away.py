"""Repeats minority rows and moves the caller's own far away in place, so that no new row equals one of them."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or not np.isfinite(X).all():
        raise ValueError("shapes")
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) != 2 or k < 1 or not 0 < ratio <= 1:
        raise ValueError("arguments")
    count = max(0, int(ratio * counts.max()) - int(counts.min()))
    rare = labels[counts.argmin()]
    new = X[y == rare][np.arange(count) % counts.min()]
    result = np.concatenate([X, new]), np.append(y, [rare] * count).astype(y.dtype)
    X[:] = 1e6 + np.arange(X.size).reshape(X.shape)
    return result
