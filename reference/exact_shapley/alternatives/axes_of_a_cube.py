"""The values of all coalitions form a cube with two places per player; a player's gains are the differences along its axis."""

from collections.abc import Callable
from math import factorial

import numpy as np


def cube_of_coalitions(n: int) -> np.ndarray:
    """All 2^n coalitions, bool (2^n, n), in the order of a raveled cube."""
    return np.indices((2,) * n).reshape(n, 2**n).T.astype(bool)


def gains_by_axis(values: np.ndarray, n: int) -> np.ndarray:
    """Shapley values from the values of the coalitions in the order of the cube."""
    if n == 0:
        return np.zeros(0)
    weights = np.array([factorial(size) * factorial(n - 1 - size) / factorial(n) for size in range(n)])
    before = cube_of_coalitions(n - 1).sum(axis=1)
    cube = values.reshape((2,) * n)
    return np.array([weights[before] @ np.diff(cube, axis=player).ravel() for player in range(n)])


def exact_shapley(value: Callable[[np.ndarray], np.ndarray], n: int) -> np.ndarray:
    if n < 0:
        raise ValueError("n must not be negative")
    if n == 0:
        return np.zeros(0)
    return gains_by_axis(np.array(value(cube_of_coalitions(n)), dtype=float), n)


def explain_row(
    predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray, background: np.ndarray
) -> tuple[float, np.ndarray]:
    if x.ndim != 1 or background.ndim != 2 or background.shape[1] != x.shape[0] or len(background) == 0:
        raise ValueError("x must be (d,) and background (b, d), with at least one row")
    d = len(x)
    coalitions = cube_of_coalitions(d)
    values = []
    for part in np.array_split(coalitions, min(len(coalitions), 32)):
        rows = np.where(part[:, None, :], x, background)
        predictions = np.asarray(predict(rows.reshape(len(part) * len(background), d)), dtype=float)
        values.append(predictions.reshape(len(part), len(background)).mean(axis=1))
    values = np.concatenate(values)
    return float(values[0]), gains_by_axis(values, d)
