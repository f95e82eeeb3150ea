"""The scores of either class are sorted by themselves, and each threshold is looked up in both by binary search."""

import numpy as np


def roc_pr_curve(
    labels: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """(thresholds, fpr, recall, precision, average_precision) of `labels` 0 and 1, (n,), and their `scores`, (n,)."""
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise ValueError("labels and scores must both be (n,)")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels are 0 and 1")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    ones, zeros = (np.sort(scores[labels == label].astype(np.float64)) for label in (1, 0))
    if not (len(ones) and len(zeros)):
        raise ValueError("both classes must occur")

    thresholds = np.append(np.inf, np.unique(scores.astype(np.float64))[::-1])
    tp = len(ones) - np.searchsorted(ones, thresholds)
    fp = len(zeros) - np.searchsorted(zeros, thresholds)
    recall = tp / len(ones)
    precision = np.append(1.0, tp[1:] / (tp + fp)[1:])
    return thresholds, fp / len(zeros), recall, precision, float(np.diff(recall) @ precision[1:])
