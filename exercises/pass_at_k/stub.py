"""pass@k from counted samples; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    """The unbiased estimate of pass@k for each of P problems, float64 (P,).

    `n` and `c`, both int64 (P,), count the samples of each problem and those of them that passed. ValueError for k < 1,
    k above any n, c outside 0 to n, and shapes that differ or are not (P,).
    """
    raise NotImplementedError
