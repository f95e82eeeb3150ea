"""Rows are put in the order of their bins and grouped; the gap of each group is summed without rounding by `fsum`."""

from itertools import groupby
from math import fsum

import numpy as np


def expected_calibration_error(probs: np.ndarray, labels: np.ndarray, n_bins: int = 15) -> float:
    """ECE of `probs` (n, C) and `labels` (n,) over `n_bins` bins (a, b] of equal width from 0 to 1, as a float."""
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    if probs.ndim != 2 or probs.size == 0 or labels.shape != probs.shape[:1]:
        raise ValueError("probs must be (n, C), not empty, and labels (n,)")
    if not ((labels >= 0) & (labels < probs.shape[1])).all():
        raise ValueError("labels must be from 0 to C - 1")
    if not ((probs >= 0) & (probs <= 1)).all():
        raise ValueError("probabilities must be from 0 to 1")

    predicted = probs.argmax(axis=1)
    confidence = probs.max(axis=1).astype(np.float64)
    bins = np.searchsorted(np.arange(1, n_bins) / n_bins, confidence, side="left")
    rows = sorted(zip(bins.tolist(), confidence.tolist(), (predicted == labels).tolist(), strict=True))
    gaps = [
        abs(fsum(term for _, c, right in group for term in (right, -c)))
        for _, group in groupby(rows, lambda row: row[0])
    ]
    return fsum(gaps) / len(rows)
