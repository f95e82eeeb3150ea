"""The items are shuffled at once, sorted by class with a stable sort, and dealt out like cards."""

import numpy as np


def stratified_kfold(labels: np.ndarray, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    if labels.ndim != 1:
        raise ValueError("labels must have shape (n,)")
    if not 2 <= k <= len(labels):
        raise ValueError("k must be from 2 to n")
    deck = rng.permutation(len(labels))
    deck = deck[np.argsort(labels[deck], kind="stable")]
    hand = np.empty(len(labels), dtype=np.int64)
    hand[deck] = np.arange(len(labels)) % k
    indices = np.arange(len(labels), dtype=np.int64)
    return [(indices[hand != fold], indices[hand == fold]) for fold in range(k)]
