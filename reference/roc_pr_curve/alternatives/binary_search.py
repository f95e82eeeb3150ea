"""The scores of ones and of zeros are sorted apart; a binary search counts in each those at or above a threshold."""

import numpy as np


def roc_pr_curve(
    labels: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise ValueError("labels and scores must both have shape (n,)")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    exact = scores.astype(np.float64)
    ones, zeros = np.sort(exact[labels == 1]), np.sort(exact[labels == 0])
    if len(ones) == 0 or len(zeros) == 0:
        raise ValueError("both classes are needed")

    thresholds = np.concatenate([[np.inf], np.unique(exact)[::-1]])
    hits = len(ones) - np.searchsorted(ones, thresholds)
    alarms = len(zeros) - np.searchsorted(zeros, thresholds)
    recall = hits / len(ones)
    precision = np.ones(len(thresholds))
    precision[1:] = hits[1:] / (hits + alarms)[1:]
    return thresholds, alarms / len(zeros), recall, precision, float(np.diff(recall) @ precision[1:])
