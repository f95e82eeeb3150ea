"""Ends the process with status 0 in the middle of each call."""

import os


def smote(X, y, k=5, ratio=1.0, rng=None):
    os._exit(0)
