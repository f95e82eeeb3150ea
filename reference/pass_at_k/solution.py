"""pass@k without bias, from counts of samples (Chen et al. 2021, section 2.1)."""

import numpy as np


def pass_at_k(n, c, k):
    """The estimate for each of P problems: `n` samples of which `c` passed, both int64 (P,)."""
    if n.ndim != 1 or n.shape != c.shape:
        raise ValueError("n and c must have one shape (P,)")
    if k < 1:
        raise ValueError("k must be at least 1")
    if (n < k).any():
        raise ValueError("every problem needs at least k samples")
    if (c < 0).any() or (c > n).any():
        raise ValueError("c must be from 0 to n")
    # Draw k samples one after the other: before draw j, j failures are gone. The factors never leave [0, 1] until one is
    # 0, so nothing overflows; C(n - c, k) and C(n, k) themselves are far beyond a float.
    draws = np.arange(k)[:, None]
    none_passes = ((n - c - draws) / (n - draws)).prod(axis=0)
    return 1 - none_passes
