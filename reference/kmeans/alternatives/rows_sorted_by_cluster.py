"""Keeps the rows sorted by cluster and adds them up with reduceat; seeds by searching a cumulative sum."""

import numpy as np


def as_points(X: np.ndarray, what: str) -> np.ndarray:
    """`X` in float64; ValueError unless it is (n, d), not empty and finite."""
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"{what} must have two dimensions, and rows and columns")
    points = X.astype(np.float64)
    if not np.isfinite(points).all():
        raise ValueError(f"{what} must be finite")
    return points


def kmeans_plus_plus(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers (k,) of k different rows of X (n, d): the first uniform, each further one by squared distance."""
    points = as_points(X, "X")
    if not 1 <= k <= len(points):
        raise ValueError("k must be from 1 to n")
    seeds = [int(rng.integers(len(points)))]
    nearest = np.full(len(points), np.inf)
    while len(seeds) < k:
        nearest = np.minimum(nearest, np.square(points - points[seeds[-1]]).sum(axis=1))
        eligible = np.flatnonzero(nearest)
        if len(eligible):
            stairs = np.cumsum(nearest[eligible])
            step = np.searchsorted(stairs, rng.random() * stairs[-1], side="right")
            seeds.append(int(eligible[min(step, len(eligible) - 1)]))
        else:
            left = np.setdiff1d(np.arange(len(points)), seeds)
            seeds.append(int(left[rng.integers(len(left))]))
    return np.array(seeds, dtype=np.int64)


def assign(points: np.ndarray, centers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest center of each row, (n,), and how far it is, (n,)."""
    distances = np.stack([np.square(points - center).sum(axis=1) for center in centers], axis=1)
    labels = distances.argmin(axis=1)
    return labels, distances[np.arange(len(points)), labels]


def fill_empty(labels: np.ndarray, distances: np.ndarray, k: int) -> None:
    """Give each empty cluster the farthest row of those that are not alone, in place."""
    sizes = np.bincount(labels, minlength=k)
    for empty in np.flatnonzero(sizes == 0):
        row = np.where(sizes[labels] >= 2, distances, -1.0).argmax()
        sizes[labels[row]] -= 1
        sizes[empty] = 1
        labels[row] = empty


def lloyd(X: np.ndarray, centers: np.ndarray, max_iter: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(centers (k, d), labels (n,), inertia) after at most max_iter iterations from `centers` (k, d); X (n, d)."""
    points, current = as_points(X, "X"), as_points(centers, "centers")
    if current.shape[1] != points.shape[1] or len(current) > len(points):
        raise ValueError("centers must have the columns of X, and no more rows")
    if max_iter < 0:
        raise ValueError("max_iter must not be negative")
    for _ in range(max_iter):
        labels, distances = assign(points, current)
        fill_empty(labels, distances, len(current))
        order = labels.argsort(kind="stable")
        sizes = np.bincount(labels, minlength=len(current))
        before = current
        current = np.add.reduceat(points[order], np.cumsum(sizes) - sizes, axis=0) / sizes[:, None]
        if np.array_equal(before, current):
            break
    labels, distances = assign(points, current)
    return current, labels.astype(np.int64), float(distances.sum())
