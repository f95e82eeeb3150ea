"""SMOTE: new minority rows between a minority row and one of its nearest minority neighbours."""

import math

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    """Oversample the rarer of two classes until it has `ratio` times as many rows as the other.

    X: (n, d), y: (n,) -> (n + s, d), (n + s,): the given rows, then s new rows of the minority.
    """
    _check(X, y, k, ratio)
    if X.dtype != np.float32:
        X = X.astype(np.float64)
    labels, counts = np.unique(y, return_counts=True)
    rare = np.argmin(counts)
    missing = math.floor(ratio * counts.max()) - counts.min()
    if missing <= 0:
        return X, y
    rng = np.random.default_rng() if rng is None else rng
    rows = X[y == labels[rare]].astype(np.float64)  # (m, d); the square of a float32 may not fit into one
    new = _between_neighbours(rows, k, missing, rng)
    return (
        np.concatenate([X, new.astype(X.dtype)]),  # (n + s, d)
        np.concatenate([y, np.full(missing, labels[rare])]),  # (n + s,)
    )


def _check(X, y, k, ratio):
    """ValueError for whatever cannot be used."""
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y):
        raise ValueError(f"X must be (n, d) and y (n,), got {X.shape} and {y.shape}")
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinity, so distances are undefined")
    if len(np.unique(y)) != 2:
        raise ValueError("y must hold exactly two classes")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if not 0 < ratio <= 1:  # NaN fails this too
        raise ValueError(f"ratio must be in (0, 1], got {ratio}")


def _between_neighbours(rows, k, count, rng):
    """`count` points, each on a segment from a row to one of its k nearest other rows: (m, d) -> (count, d)."""
    m = len(rows)
    if m < 2:
        raise ValueError("one minority row has no neighbour to interpolate with")
    k = min(k, m - 1)
    neighbours = _nearest(rows, k)  # (m, k)
    base = rng.integers(m, size=count)  # (count,) row that a new row starts from
    towards = neighbours[base, rng.integers(k, size=count)]  # (count,) row that it moves to
    t = rng.random((count, 1))  # how far: one number for a new row, so that it stays on the segment
    return rows[base] + t * (rows[towards] - rows[base])


def _nearest(rows, k):
    """Indices of the k nearest other rows by Euclidean distance: (m, d) -> (m, k)."""
    # one row at a time, so that memory is O(m d) and not O(m^2 d)
    squared = np.stack([((rows - row) ** 2).sum(axis=1) for row in rows])  # (m, m)
    np.fill_diagonal(squared, np.inf)  # a row is not its own neighbour; an equal row may be
    return np.argsort(squared, axis=1)[:, :k]
