"""One mistake: the k nearest rows are taken without leaving out the row itself, which is nearest of all."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    X, y = np.array(X), np.array(y)
    if X.ndim != 2 or y.ndim != 1 or X.shape[0] != y.shape[0]:
        raise ValueError("X must be two-dimensional, y one-dimensional, of equal length")
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or inf")
    if k < 1:
        raise ValueError("k < 1")
    if not (0 < ratio <= 1):
        raise ValueError("ratio outside (0, 1]")
    if X.dtype != np.float32:
        X = X.astype(np.float64)

    labels, counts = np.unique(y, return_counts=True)
    if labels.size != 2:
        raise ValueError("two classes, please")
    minority = labels[counts.argmin()]
    n_new = int(np.floor(ratio * counts.max())) - int(counts.min())
    if n_new <= 0:
        return X, y

    pool = X[y == minority].astype(np.float64)
    if len(pool) < 2:
        raise ValueError("one row cannot be interpolated")
    k = min(k, len(pool) - 1)
    rng = np.random.default_rng() if rng is None else rng

    synthetic = np.empty((n_new, X.shape[1]), dtype=X.dtype)
    for row in range(n_new):
        start = pool[rng.integers(len(pool))]
        distances = np.sqrt(((pool - start) ** 2).sum(axis=1))
        end = pool[rng.choice(np.argsort(distances)[:k])]
        synthetic[row] = start + rng.random() * (end - start)
    return np.concatenate([X, synthetic]), np.concatenate([y, np.repeat(minority, n_new)])
