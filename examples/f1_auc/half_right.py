"""One mistake: the labels are taken from `y_true` alone, so a label that was only predicted is overlooked."""

import numpy as np


def f1_score(y_true, y_pred, average="binary"):
    if average not in {"binary", "macro", "micro", "weighted"}:
        raise ValueError("average")
    if len(y_true) != len(y_pred):
        raise ValueError("y_true and y_pred must have the same length")

    rows = []  # per class: TP, FP, FN
    for c in [1] if average == "binary" else sorted(set(y_true.tolist())):
        tp = np.count_nonzero((y_true == c) & (y_pred == c))
        fp = np.count_nonzero((y_true != c) & (y_pred == c))
        fn = np.count_nonzero((y_true == c) & (y_pred != c))
        rows.append((tp, fp, fn))

    if average == "micro":
        return f1(*map(sum, zip(*rows, strict=True)))
    scores = [f1(*row) for row in rows]
    if average == "weighted":
        support = [tp + fn for tp, _, fn in rows]
        return sum(s * w for s, w in zip(scores, support, strict=True)) / len(y_true)
    return sum(scores) / len(scores)


def f1(tp, fp, fn):
    return 2 * tp / (2 * tp + fp + fn) if tp else 0.0


def roc_auc(y_true, y_score):
    pos, neg = y_score[y_true == 1], np.sort(y_score[y_true == 0])
    if pos.size == 0 or neg.size == 0:
        raise ValueError("only one class in y_true")
    below = np.searchsorted(neg, pos, side="left")
    below_or_tied = np.searchsorted(neg, pos, side="right")
    return float((below + below_or_tied).mean() / 2 / neg.size)
