"""Draws one number for (base, neighbour) together, with distances from the expanded square and a partition."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or y.ndim != 1 or X.shape[0] != y.shape[0] or not np.all(np.isfinite(X)):
        raise ValueError("X must be finite and (n, d), y must be (n,)")
    if k < 1 or not 0.0 < ratio <= 1.0:
        raise ValueError("k >= 1 and 0 < ratio <= 1")
    dtype = np.dtype(np.float32 if X.dtype == np.float32 else np.float64)
    X = X.astype(dtype)
    values, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    if values.size != 2:
        raise ValueError("exactly two classes")
    rare = 0 if counts[0] < counts[1] else 1
    count = int(np.floor(ratio * counts[1 - rare])) - int(counts[rare])
    if count <= 0:
        return X, y.copy()
    P = X[inverse == rare].astype(np.float64)
    m = P.shape[0]
    if m == 1:
        raise ValueError("cannot interpolate from one row")
    k = min(k, m - 1)
    C = P - P.mean(axis=0)
    square = np.sum(C * C, axis=1)
    D = square[:, None] + square[None, :] - 2.0 * C @ C.T
    D[np.diag_indices(m)] = np.inf
    neighbours = np.argpartition(D, k - 1, axis=1)[:, :k]
    rng = np.random.default_rng() if rng is None else rng
    base, column = np.divmod(rng.choice(m * k, size=count), k)
    t = rng.uniform(size=count)[:, np.newaxis]
    new = P[base] * (1 - t) + P[neighbours[base, column]] * t
    out = np.empty((X.shape[0] + count, X.shape[1]), dtype=dtype)
    out[: X.shape[0]] = X
    out[X.shape[0] :] = new
    return out, np.r_[y, np.repeat(values[rare], count)].astype(y.dtype)
