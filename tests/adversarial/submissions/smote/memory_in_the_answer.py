"""Returns more data than an answer may hold."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    big = np.zeros(14_000_000)
    return [big, big + 1, big + 2], y
