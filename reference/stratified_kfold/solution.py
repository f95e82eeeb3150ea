"""Stratified k-fold indices: every class in random order, one class after the other, dealt out like cards."""

import numpy as np


def stratified_kfold(labels, k, rng):
    """k tuples (train, test) of ascending int64 indices into `labels`, (n,)."""
    if labels.ndim != 1:
        raise ValueError("labels must have the shape (n,)")
    if not 2 <= k <= len(labels):
        raise ValueError("k must be from 2 to the number of labels")
    # Sorting by label lines the classes up; within each, the order stays random.
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # (n,)
    # Each class goes on where the one before it ended, so that leftovers spread over all folds.
    fold = np.empty(len(labels), np.int64)
    fold[order] = np.arange(len(labels)) % k
    return [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(k)]
