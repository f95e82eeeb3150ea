"""Returns views with negative and zero strides, over memory that belongs to something else."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    labels, counts = np.unique(y, return_counts=True)
    count = max(0, int(ratio * counts.max()) - int(counts.min()))
    rows = np.lib.stride_tricks.as_strided(X, (len(X) + count, X.shape[1]), (0, 8))
    return rows[::-1, ::-1], np.append(y, [labels[counts.argmin()]] * count)[::-1]
