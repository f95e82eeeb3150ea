"""The shuffled classes are stacked and dealt to the folds in turn, so that the next class goes on where one ended."""

from itertools import chain, cycle

import numpy as np


def stratified_kfold(labels: np.ndarray, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """k tuples (train, test) of ascending int64 indices into `labels`, (n,)."""
    if labels.ndim != 1 or not 2 <= k <= len(labels):
        raise ValueError("labels must be (n,), and k from 2 to n")
    classes: dict[int, list[int]] = {}
    for index, label in enumerate(labels.tolist()):
        classes.setdefault(label, []).append(index)

    hands: list[list[int]] = [[] for _ in range(k)]
    stack = chain.from_iterable(rng.permutation(members) for members in classes.values())
    for hand, index in zip(cycle(hands), stack, strict=False):
        hand.append(index)

    everything = np.arange(len(labels))
    tests = [np.sort(np.array(hand, dtype=np.int64)) for hand in hands]
    return [(np.setdiff1d(everything, test, assume_unique=True), test) for test in tests]
