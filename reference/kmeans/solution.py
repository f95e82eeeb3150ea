"""k-means with k-means++ seeding."""

import numpy as np


def kmeans_plus_plus(X, k, rng):
    """Row numbers (k,) of k different rows of X (n, d): the first uniform, each further one by squared distance."""
    X = _points(X, "X")
    if not 1 <= k <= len(X):
        raise ValueError(f"k must be from 1 to {len(X)}, got {k}")
    seeds = [rng.integers(len(X))]
    nearest = np.full(len(X), np.inf)  # (n,) squared distance to the nearest seed
    while len(seeds) < k:
        nearest = np.minimum(nearest, ((X - X[seeds[-1]]) ** 2).sum(axis=1))
        weights = nearest
        if not nearest.any():  # every row equals a seed
            weights = np.ones(len(X))
            weights[seeds] = 0.0
        seeds.append(rng.choice(len(X), p=weights / weights.sum()))
    return np.array(seeds, dtype=np.int64)


def lloyd(X, centers, max_iter):
    """(centers (k, d), labels (n,), inertia) after at most max_iter iterations from `centers` (k, d); X (n, d)."""
    X, centers = _points(X, "X"), _points(centers, "centers")
    if centers.shape[1] != X.shape[1] or len(centers) > len(X):
        raise ValueError(f"centers {centers.shape} do not fit rows {X.shape}")
    if max_iter < 0:
        raise ValueError(f"max_iter must not be negative, got {max_iter}")
    for _ in range(max_iter):
        previous = centers
        labels, distances = _assign(X, centers)
        _fill_empty(labels, distances, len(centers))
        centers = np.stack([X[labels == j].mean(axis=0) for j in range(len(centers))])
        if np.array_equal(centers, previous):
            break
    labels, distances = _assign(X, centers)  # by the centers that are returned
    return centers, labels, distances.sum()


def _points(rows, name):
    """The rows as a float64 array of two axes; ValueError for whatever cannot be used."""
    if rows.ndim != 2 or rows.size == 0:
        raise ValueError(f"{name} must have two axes and not be empty, got {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} holds NaN or infinity")
    return rows.astype(np.float64)


def _assign(X, centers):
    """Of each row its nearest center, lowest index first, and the squared distance to it: (n,), (n,)."""
    squared = ((X[:, None] - centers) ** 2).sum(axis=2)  # (n, k); differences first, for columns with a large mean
    labels = squared.argmin(axis=1)
    return labels, squared[np.arange(len(X)), labels]


def _fill_empty(labels, distances, k):
    """Give each empty cluster the farthest row of those that are not alone in their cluster; changes `labels`."""
    for j in range(k):
        sizes = np.bincount(labels, minlength=k)
        if sizes[j] == 0:
            labels[np.where(sizes[labels] > 1, distances, -1.0).argmax()] = j
