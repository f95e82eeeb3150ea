"""Returns arrays with 0 dimensions, with a hundred of extent 1, and of no elements but a huge extent."""

import itertools

import numpy as np

KINDS = itertools.cycle([np.array(1.0), np.ones((1,) * 30), np.empty((0, 2**40)), np.empty((2**40, 0))])


def smote(X, y, k=5, ratio=1.0, rng=None):
    return next(KINDS), next(KINDS)
