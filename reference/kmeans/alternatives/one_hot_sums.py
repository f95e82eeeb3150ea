"""k-means by one-hot sums and the inverse distribution function, in centered coordinates."""

import numpy as np


def _clean(array):
    array = np.array(array, dtype=float)
    if array.ndim != 2 or not array.shape[0] or not array.shape[1] or np.isnan(array).any() or np.isinf(array).any():
        raise ValueError("two axes of finite numbers are needed")
    return array


def kmeans_plus_plus(X, k, rng):
    X = _clean(X)
    n = X.shape[0]
    if k < 1 or k > n:
        raise ValueError("k")
    taken = np.zeros(n, dtype=bool)
    order = []
    weight = np.ones(n)
    for step in range(k):
        mass = np.cumsum(weight)
        pick = int(np.searchsorted(mass, rng.random() * mass[-1], side="right"))
        order.append(pick)
        taken[pick] = True
        away = np.sum((X - X[pick]) ** 2, axis=1)
        best = away if step == 0 else np.minimum(best, away)  # noqa: F821
        weight = best if best.max() > 0 else (~taken).astype(float)
    return np.asarray(order, dtype=np.int64)


def lloyd(X, centers, max_iter):
    X, centers = _clean(X), _clean(centers)
    n, k = len(X), len(centers)
    if k > n or X.shape[1] != centers.shape[1] or max_iter < 0:
        raise ValueError("centers or max_iter")
    shift = X[0].copy()
    X, centers = X - shift, centers - shift

    def nearest():
        table = np.empty((n, k))
        for j in range(k):
            table[:, j] = np.einsum("nd,nd->n", X - centers[j], X - centers[j])
        return table.argmin(1), table.min(1)

    for _ in range(max_iter):
        labels, apart = nearest()
        members = [list(np.flatnonzero(labels == j)) for j in range(k)]
        for j in range(k):
            if not members[j]:
                row = min((i for m in members if len(m) > 1 for i in m), key=lambda i: (-apart[i], i))
                next(m for m in members if row in m).remove(row)
                members[j].append(row)
        new = np.array([X[m].sum(0) / len(m) for m in members])
        same = (new == centers).all()
        centers = new
        if same:
            break
    labels, apart = nearest()
    return centers + shift, labels.astype(np.int64), float(apart.sum())
