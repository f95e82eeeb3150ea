"""Lays the values out as a cube with one axis of length 2 for each player, and takes differences along the axes."""

from collections.abc import Callable
from math import comb

import numpy as np


def corners(n: int) -> np.ndarray:
    """All coalitions, bool (2^n, n), the last player changing fastest."""
    return np.indices((2,) * n).reshape(n, 2**n).T.astype(bool)


def shares(values: np.ndarray, n: int) -> np.ndarray:
    """Shapley values of the game whose coalitions in the order of `corners` have these values."""
    cube = np.asarray(values, dtype=np.float64).reshape((2,) * n)
    phi = np.empty(n)
    if n:
        sizes = corners(n - 1).sum(axis=1)
        weights = np.array([1 / (n * comb(n - 1, size)) for size in range(n)])[sizes]
        for player in range(n):
            phi[player] = weights @ np.diff(cube, axis=player).ravel()
    return phi


def exact_shapley(value: Callable[[np.ndarray], np.ndarray], n: int) -> np.ndarray:
    """Shapley values, float64 (n,), of the game whose `value` maps coalitions, bool (m, n), to float64 (m,)."""
    if n < 0:
        raise ValueError("n must not be negative")
    return shares(value(corners(n)), n)


def explain_row(
    predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray, background: np.ndarray
) -> tuple[float, np.ndarray]:
    """The mean prediction of the rows of `background`, (b, d), and the Shapley values of the features of `x`, (d,)."""
    if x.ndim != 1 or background.ndim != 2 or background.shape[1] != len(x) or len(background) < 1:
        raise ValueError("x must be (d,), background (b, d) with a row at least")
    features = len(x)
    rows = np.where(corners(features)[:, None, :], x, background).reshape(2**features * len(background), features)
    means = np.asarray(predict(rows)).reshape(-1, len(background)).mean(axis=1)
    return float(means[0]), shares(means, features)
