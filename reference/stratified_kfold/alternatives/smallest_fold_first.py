"""Class by class in plain Python: each folds' share is cut from the shuffled class, leftovers go to the smallest folds."""

import numpy as np


def stratified_kfold(labels, k, rng):
    if labels.ndim != 1 or k < 2 or k > labels.size:
        raise ValueError("arguments")
    members = {}
    for index, label in enumerate(labels.tolist()):
        members.setdefault(label, []).append(index)
    tests = [[] for _ in range(k)]
    for indices in members.values():
        rng.shuffle(indices)
        share, leftover = divmod(len(indices), k)
        by_size = sorted(rng.permutation(k).tolist(), key=lambda f: len(tests[f]))
        for place, f in enumerate(by_size):
            take = share + (place < leftover)
            tests[f] += indices[:take]
            del indices[:take]
    folds = []
    for test in tests:
        chosen = set(test)
        train = [index for index in range(len(labels)) if index not in chosen]
        folds.append((np.array(train, np.int64), np.array(sorted(test), np.int64)))
    return folds
