"""The ratio as a product over the samples that passed, (n - k - i) / (n - i), a row of factors for each problem."""

import numpy as np


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    if n.ndim != 1 or n.shape != c.shape:
        raise ValueError("n and c must both have shape (P,)")
    if k < 1 or (n < k).any():
        raise ValueError("k must be from 1 to the least n")
    if (c < 0).any() or (c > n).any():
        raise ValueError("c must be from 0 to n")
    # C(n - c, k) / C(n, k) = C(n - k, c) / C(n, c): no success may fall among the k drawn, one success after the other
    success = np.arange(c.max(initial=0))
    total = n[:, None]
    counts = success < c[:, None]
    factors = np.maximum(total - k - success, 0) / np.where(counts, total - success, 1)
    return 1.0 - np.prod(np.where(counts, factors, 1.0), axis=1)
