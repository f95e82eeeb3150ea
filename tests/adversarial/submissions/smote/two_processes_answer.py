"""Forks in a call without care, so that parent and child both send an answer to the same question."""

import os


def smote(X, y, k=5, ratio=1.0, rng=None):
    os.fork()
    return X, y
