"""Gradient boosting of stumps; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


class GradientBoosting:
    """A sum of stumps, each a Newton step on the squared or the logistic loss."""

    def __init__(self, loss: str, n_rounds: int, learning_rate: float = 0.1, reg_lambda: float = 1.0):
        raise NotImplementedError

    def fit(self, X: np.ndarray, y: np.ndarray) -> "GradientBoosting":
        """Boost from X (n, d) and y (n,); returns self."""
        raise NotImplementedError

    def raw_score(self, X: np.ndarray) -> np.ndarray:
        """Scores F of the rows: (m, d) -> (m,)."""
        raise NotImplementedError

    def predict(self, X: np.ndarray) -> np.ndarray:
        """F for the squared loss, the probability of label 1 for the logistic loss: (m, d) -> (m,)."""
        raise NotImplementedError
