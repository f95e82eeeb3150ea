"""Seeds win a race of exponential clocks, and the rows are sorted by label so that each cluster is a run to be summed."""

import numpy as np


def rows_of(X: np.ndarray) -> np.ndarray:
    """X as float64; ValueError where it is no table of finite numbers."""
    if X.ndim != 2 or X.size == 0 or not np.isfinite(X).all():
        raise ValueError("X must have rows and columns of finite numbers")
    return X.astype(np.float64)


def distances(rows: np.ndarray, point: np.ndarray) -> np.ndarray:
    return ((rows - point) ** 2).sum(axis=1)


def nearest(rows: np.ndarray, centers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Label and distance of each row's nearest center; a later center wins only if it is nearer."""
    labels = np.zeros(len(rows), dtype=np.int64)
    smallest = distances(rows, centers[0])
    for index in range(1, len(centers)):
        here = distances(rows, centers[index])
        nearer = here < smallest
        labels[nearer] = index
        smallest[nearer] = here[nearer]
    return labels, smallest


def kmeans_plus_plus(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    rows = rows_of(X)
    if not 1 <= k <= len(rows):
        raise ValueError("k must be from 1 to n")
    seeds = [int(rng.integers(len(rows)))]
    gaps = distances(rows, rows[seeds[0]])
    while len(seeds) < k:
        if gaps.any():
            rings = np.full(len(rows), np.inf)  # clocks that run at the speed of the gap
            np.divide(rng.exponential(size=len(rows)), gaps, out=rings, where=gaps > 0)
            seed = int(rings.argmin())
        else:
            seed = int(rng.choice(np.setdiff1d(np.arange(len(rows)), seeds)))
        seeds.append(seed)
        gaps = np.minimum(gaps, distances(rows, rows[seed]))
    return np.array(seeds, dtype=np.int64)


def fill_empty(labels: np.ndarray, gaps: np.ndarray, k: int) -> np.ndarray:
    """Labels after every empty cluster took the farthest row that is not alone."""
    sizes = np.bincount(labels, minlength=k)
    for empty in np.flatnonzero(sizes == 0):
        row = np.where(sizes[labels] > 1, gaps, -1.0).argmax()
        sizes[labels[row]] -= 1
        sizes[empty] += 1
        labels[row] = empty
    return labels


def lloyd(X: np.ndarray, centers: np.ndarray, max_iter: int) -> tuple[np.ndarray, np.ndarray, float]:
    rows = rows_of(X)
    centers = rows_of(centers)
    if centers.shape[1] != rows.shape[1] or len(centers) > len(rows) or max_iter < 0:
        raise ValueError("centers do not fit X, or max_iter is negative")
    k = len(centers)
    for _ in range(max_iter):
        labels = fill_empty(*nearest(rows, centers), k)
        order = labels.argsort(kind="stable")
        begins = np.searchsorted(labels[order], np.arange(k))
        moved = np.add.reduceat(rows[order], begins, axis=0) / np.bincount(labels, minlength=k)[:, None]
        if np.array_equal(moved, centers):
            break
        centers = moved
    labels, gaps = nearest(rows, centers)
    return centers, labels, float(gaps.sum())
