"""Returns generators and iterators that never end, whose items are generators that never end."""

import itertools


def endless():
    while True:
        yield endless()


def smote(X, y, k=5, ratio=1.0, rng=None):
    return endless() if len(X) % 2 else (itertools.count(), map(iter, itertools.count()))
