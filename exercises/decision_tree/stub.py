"""Decision tree by Gini impurity; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> tuple[int, float] | None:
    """(feature, threshold) of the split with the smallest weighted Gini impurity, or None; X (n, d), y (n,)."""
    raise NotImplementedError


class DecisionTree:
    """A classification tree grown by `best_split`."""

    def __init__(self, max_depth: int | None = None, min_samples_leaf: int = 1):
        raise NotImplementedError

    def fit(self, X: np.ndarray, y: np.ndarray) -> "DecisionTree":
        """Grow the tree from X (n, d) and integer labels y (n,); returns self."""
        raise NotImplementedError

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Shares of the labels, in ascending order, in the leaf of each row: (m, d) -> (m, c)."""
        raise NotImplementedError

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The most frequent label in the leaf of each row: (m, d) -> (m,)."""
        raise NotImplementedError
