"""Exact Shapley values; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from collections.abc import Callable

import numpy as np


def exact_shapley(value: Callable[[np.ndarray], np.ndarray], n: int) -> np.ndarray:
    """Shapley values, float64 (n,), of the game whose `value` maps coalitions, bool (m, n), to float64 (m,)."""
    raise NotImplementedError


def explain_row(
    predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray, background: np.ndarray
) -> tuple[float, np.ndarray]:
    """The mean prediction of the rows of `background`, (b, d), and the Shapley values of the features of `x`, (d,)."""
    raise NotImplementedError
