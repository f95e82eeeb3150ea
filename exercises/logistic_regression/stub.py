"""Logistic regression with L2; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def logistic_regression(
    X: np.ndarray, y: np.ndarray, l2: float = 1.0, sample_weight: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """(coefficients (p,), intercept) that minimize sum(sample_weight * log_loss) + l2 / 2 * sum(coefficients**2).

    X (n, p), y (n,) of 0 and 1, sample_weight (n,) or None for ones. ValueError for wrong shapes, numbers that are not
    finite, negative weights, an l2 that is not positive, other labels, and rows of one label only.
    """
    raise NotImplementedError
