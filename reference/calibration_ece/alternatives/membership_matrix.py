"""Multiplies a matrix of memberships, bins times rows, with the gaps between right or wrong and the confidence."""

import numpy as np


def expected_calibration_error(probs: np.ndarray, labels: np.ndarray, n_bins: int = 15) -> float:
    """ECE of `probs` (n, C) and `labels` (n,) over `n_bins` bins (a, b] of equal width from 0 to 1, as a float."""
    if n_bins < 1 or probs.ndim != 2 or not probs.size:
        raise ValueError("n_bins must be at least 1, and probs (n, C) with elements")
    rows, classes = probs.shape
    if labels.shape != (rows,) or np.any((labels < 0) | (labels >= classes)):
        raise ValueError("labels must be (n,), from 0 to C - 1")
    if not np.all((probs >= 0) & (probs <= 1)):
        raise ValueError("probabilities must be from 0 to 1")
    confidence = probs.max(axis=1).astype(np.float64)
    gaps = (probs.argmax(axis=1) == labels) - confidence
    edges = (np.arange(n_bins + 1) / n_bins)[:, None]
    members = (edges[:-1] < confidence) & (confidence <= edges[1:])
    return float(np.abs(members.astype(np.float64) @ gaps).sum() / rows)
