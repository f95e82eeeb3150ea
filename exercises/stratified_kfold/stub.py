"""Stratified k-fold indices; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def stratified_kfold(labels: np.ndarray, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """k tuples (train, test) of ascending int64 indices into `labels`, (n,).

    The test sets part all indices; their sizes, and their counts of each class, differ by at most 1. Which items of a
    class come into which test set is uniformly random, from `rng` alone. ValueError for k < 2, k > n, and labels that are
    not (n,).
    """
    raise NotImplementedError
