"""Expected calibration error; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def expected_calibration_error(probs: np.ndarray, labels: np.ndarray, n_bins: int = 15) -> float:
    """ECE of `probs` (n, C) and `labels` (n,) over `n_bins` bins (a, b] of equal width from 0 to 1, as a float.

    The confidence of a row is its largest probability. ValueError for n_bins below 1, shapes other than (n, C) and (n,),
    no elements, labels outside 0 to C - 1, and probabilities outside 0 to 1 or NaN.
    """
    raise NotImplementedError
