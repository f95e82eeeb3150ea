"""SMOTE: bases are taken in turn, and each keeps a short list of its nearest other minority rows."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    X, y = np.asarray(X), np.asarray(y)
    check(X, y, k, ratio)
    if X.dtype != np.float32:
        X = X.astype(np.float64)

    (one, other), (n_one, n_other) = np.unique(y, return_counts=True)
    if n_one < n_other:
        label, n_rare, n_common = one, n_one, n_other
    else:
        label, n_rare, n_common = other, n_other, n_one
    s = int(ratio * n_common) - n_rare
    if s <= 0:
        return X.copy(), y.copy()
    if n_rare == 1:
        raise ValueError("a single minority row has no neighbour")

    rng = rng or np.random.default_rng()
    P = X[y == label].astype(np.float64)
    lists = np.array([nearest_others(P, i, min(k, n_rare - 1)) for i in range(n_rare)])  # (m, k)
    i = np.arange(s) % n_rare
    j = lists[i, rng.integers(0, lists.shape[1], s)]
    t = rng.uniform(size=s)[:, None]
    new = (1 - t) * P[i] + t * P[j]
    return np.vstack([X, new.astype(X.dtype)]), np.append(y, np.full(s, label, y.dtype))


def check(X, y, k, ratio):
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"expected X (n, d) and y (n,), got {X.shape} and {y.shape}")
    if not np.isfinite(X).all():
        raise ValueError("X must be finite")
    if k < 1 or not 0 < ratio <= 1:
        raise ValueError("k must be at least 1 and ratio in (0, 1]")
    if len(set(y.tolist())) != 2:
        raise ValueError("y must hold two different labels")


def nearest_others(P, i, k):
    """Indices of the k rows nearest to row i, itself left out by index: a row of equal values is a neighbour."""
    others = np.delete(np.arange(len(P)), i)
    distance = np.linalg.norm(P[others] - P[i], axis=1)
    return others[np.argsort(distance)[:k]]
