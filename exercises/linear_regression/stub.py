"""Linear regression with ridge; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def linear_regression(X: np.ndarray, y: np.ndarray, ridge: float = 0.0) -> tuple[np.ndarray, float]:
    """(coefficients (p,), intercept) that minimize sum((y - b - X @ w)**2) + ridge * sum(w**2); X (n, p), y (n,).

    Of several minimizers the one with the smallest sum(w**2). ValueError for wrong shapes, no rows, numbers that are
    not finite, and a ridge that is negative or not finite.
    """
    raise NotImplementedError
