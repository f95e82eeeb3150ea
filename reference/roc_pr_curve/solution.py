"""Points of the ROC and PR curves from one sort and one running count."""

import numpy as np


def roc_pr_curve(labels, scores):
    """(thresholds, fpr, recall, precision, average_precision) of labels 0 and 1, (n,), and finite scores, (n,)."""
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise ValueError("labels and scores must have one and the same shape (n,)")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    ones, zeros = np.sum(labels == 1), np.sum(labels == 0)
    if ones == 0 or zeros == 0:
        raise ValueError("labels must hold both classes")
    order = np.argsort(-scores)
    ranked = scores[order]  # (n,), from the highest to the lowest
    # A threshold cannot part equal scores, so counts are read only where the next score is another one.
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # (d,)
    predicted = ends + 1  # items with this score or a higher one
    hits = np.cumsum(labels[order])[ends]
    thresholds = np.concatenate([[np.inf], ranked[ends]])
    fpr = np.concatenate([[0.0], (predicted - hits) / zeros])
    recall = np.concatenate([[0.0], hits / ones])
    precision = np.concatenate([[1.0], hits / predicted])
    average_precision = float(np.sum(np.diff(recall) * precision[1:]))
    return thresholds, fpr, recall, precision, average_precision
