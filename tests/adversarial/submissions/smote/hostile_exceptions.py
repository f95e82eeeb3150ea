"""Exceptions whose text, args, name, class and traceback raise, never end or lie when they are looked at."""

import itertools


class Liar(ValueError):
    @property
    def args(self):
        raise SystemExit(0)

    def __str__(self):
        raise KeyboardInterrupt

    __repr__ = __str__

    @property
    def __class__(self):
        raise SystemExit(0)


Endless = type("E" * 100_000, (Exception,), {"__str__": lambda self: "x" * 10_000_000})
turn = itertools.count()


def smote(X, y, k=5, ratio=1.0, rng=None):
    number = next(turn) % 3
    if number == 0:
        raise Liar
    if number == 1:
        raise Endless
    error = ValueError(*range(40_000))
    error.__cause__ = error
    raise error
