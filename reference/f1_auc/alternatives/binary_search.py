"""F1 from set sizes per label; AUC by looking every positive up among the sorted negatives."""

import bisect

import numpy as np

_AVERAGES = {
    "macro": lambda scores, supports: float(np.mean(scores)),
    "weighted": lambda scores, supports: float(np.dot(scores, supports) / np.sum(supports)),
}


def _f1_of(y_true, y_pred, label):
    is_true, is_guess = y_true == label, y_pred == label
    denominator = int(is_true.sum() + is_guess.sum())
    return 2 * int((is_true & is_guess).sum()) / denominator if denominator else 0.0


def f1_score(y_true, y_pred, average="binary"):
    y_true, y_pred = np.atleast_1d(y_true), np.atleast_1d(y_pred)
    if len(y_true) != len(y_pred):
        raise ValueError(f"{len(y_true)} labels but {len(y_pred)} predictions")
    if average == "binary":
        return _f1_of(y_true, y_pred, 1)
    if average == "micro":
        return float(np.mean(y_true == y_pred))  # one label per item: micro F1 is accuracy
    if average not in _AVERAGES:
        raise ValueError(average)
    labels = sorted({*y_true.tolist(), *y_pred.tolist()})
    scores = [_f1_of(y_true, y_pred, label) for label in labels]
    return _AVERAGES[average](scores, [int((y_true == label).sum()) for label in labels])


def roc_auc(y_true, y_score):
    pairs = list(zip(y_true.tolist(), y_score.tolist(), strict=True))
    negatives = sorted(score for label, score in pairs if label == 0)
    positives = [score for label, score in pairs if label == 1]
    if not (negatives and positives):
        raise ValueError("AUC needs both classes")
    total = sum(bisect.bisect_left(negatives, s) + bisect.bisect_right(negatives, s) for s in positives)
    return total / (2 * len(positives) * len(negatives))
