"""k-means with k-means++ seeding; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def kmeans_plus_plus(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers (k,) of k different rows of X (n, d): the first uniform, each further one by squared distance."""
    raise NotImplementedError


def lloyd(X: np.ndarray, centers: np.ndarray, max_iter: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(centers (k, d), labels (n,), inertia) after at most max_iter iterations from `centers` (k, d); X (n, d)."""
    raise NotImplementedError
