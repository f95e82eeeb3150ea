"""Nests calls between C and Python until the C stack overflows."""

import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __repr__(self):
        return repr([self, Deep()])

    def __getattr__(self, name):
        return getattr(self, name + "x")


def smote(X, y, k=5, ratio=1.0, rng=None):
    return getattr(Deep(), "a"), repr(Deep())
