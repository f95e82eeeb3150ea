"""pass@k with Python's integers, which do not overflow."""

from fractions import Fraction
from math import comb

import numpy as np


def one_problem(n, c, k):
    if not 0 <= c <= n or n < k:
        raise ValueError("counts")
    return float(1 - Fraction(comb(n - c, k), comb(n, k)))


def pass_at_k(n, c, k):
    if k <= 0 or np.ndim(n) != 1 or np.shape(n) != np.shape(c):
        raise ValueError("arguments")
    return np.array([one_problem(int(a), int(b), k) for a, b in zip(n, c, strict=True)], dtype=np.float64)
