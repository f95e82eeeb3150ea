"""Raises a BaseException of its own, past every `except Exception`."""


class Beyond(BaseException):
    """Not an Exception."""


def smote(X, y, k=5, ratio=1.0, rng=None):
    raise Beyond("nobody catches this")
