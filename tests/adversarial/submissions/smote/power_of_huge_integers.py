"""Raises a huge integer to a huge power: one operation that does not end."""


def smote(X, y, k=5, ratio=1.0, rng=None):
    return pow(7**100_000, 7**10, 11**100_000), y
