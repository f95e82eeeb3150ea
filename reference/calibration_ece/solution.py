"""Expected calibration error (Guo et al. 2017) from one sum for each bin."""

import numpy as np


def expected_calibration_error(probs, labels, n_bins=15):
    """ECE of `probs` (n, C) and `labels` (n,) over `n_bins` bins of confidence that include their upper edge."""
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    if probs.ndim != 2 or probs.size == 0:
        raise ValueError("probs must have the shape (n, C) and hold something")
    n, classes = probs.shape
    if labels.shape != (n,):
        raise ValueError("labels must have the shape (n,)")
    if not ((labels >= 0) & (labels < classes)).all():
        raise ValueError("labels must be from 0 to C - 1")
    if not ((probs >= 0) & (probs <= 1)).all():
        raise ValueError("probabilities must be from 0 to 1")
    predicted = probs.argmax(axis=1)  # (n,), the first of equal ones
    confidence = probs.max(axis=1).astype(np.float64)  # (n,)
    inner_edges = np.arange(1, n_bins) / n_bins
    bins = np.searchsorted(inner_edges, confidence, side="left")  # how many edges are lower: 0 to n_bins - 1
    # The size of a bin times its gap is the sum of hits less the sum of confidences, and 0 in an empty one.
    gaps = np.bincount(bins, weights=(predicted == labels) - confidence)
    return float(np.abs(gaps).sum() / n)
