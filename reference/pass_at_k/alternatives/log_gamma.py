"""The quotient of the two binomials as a sum of logarithms of factorials, from `math.lgamma`."""

import math

import numpy as np


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    """The unbiased estimate of pass@k for each of P problems, float64 (P,)."""
    if n.ndim != 1 or n.shape != c.shape:
        raise ValueError("n and c must both be (P,)")
    if k < 1 or (n < k).any():
        raise ValueError("k must be at least 1, and at most every n")
    if ((c < 0) | (c > n)).any():
        raise ValueError("c must be from 0 to n")
    return np.array([_estimate(*pair, k) for pair in zip(n.tolist(), c.tolist(), strict=True)], dtype=np.float64)


def _estimate(n: int, c: int, k: int) -> float:
    if n - c < k:
        return 1.0
    return -math.expm1(_falling(n - c, k) - _falling(n, k))


def _falling(n: int, k: int) -> float:
    """log(n! / (n - k)!)"""
    return math.lgamma(n + 1) - math.lgamma(n - k + 1)
