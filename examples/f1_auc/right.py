"""F1 and ROC AUC by counting: codes and bincounts for F1, wins per distinct score for AUC."""

import numpy as np

AVERAGES = ("binary", "macro", "micro", "weighted")


def f1_score(y_true, y_pred, average="binary"):
    if average not in AVERAGES:
        raise ValueError(f"unknown average {average!r}, choose one of {AVERAGES}")
    n = len(y_true)
    if len(y_pred) != n:
        raise ValueError(f"{n} labels, but {len(y_pred)} predictions")

    if average == "binary":
        codes = np.concatenate([y_true, y_pred]) == 1  # label 1 gets code 1, everything else code 0
        k = 2
    else:
        labels, codes = np.unique(np.concatenate([y_true, y_pred]), return_inverse=True)
        k = len(labels)
    truth, guess = codes[:n], codes[n:]

    support = np.bincount(truth, minlength=k)  # TP + FN per label
    predicted = np.bincount(guess, minlength=k)  # TP + FP per label
    tp = np.bincount(truth[truth == guess], minlength=k)
    if average == "micro":
        return 2 * tp.sum() / (support.sum() + predicted.sum())

    total = support + predicted
    f1 = np.divide(2 * tp, total, out=np.zeros(k), where=total > 0)
    if average == "binary":
        return float(f1[1])
    if average == "macro":
        return float(f1.mean())
    return float(f1 @ support / n)


def roc_auc(y_true, y_score):
    # Sorted distinct scores, and for each item the position of its score among them: one sort, O(n log n).
    levels, level = np.unique(y_score, return_inverse=True)
    positives = np.bincount(level[y_true == 1], minlength=len(levels))
    negatives = np.bincount(level[y_true == 0], minlength=len(levels))
    pairs = int(positives.sum()) * int(negatives.sum())
    if pairs == 0:
        raise ValueError("there is no pair of a positive and a negative")
    # A positive beats all negatives on lower levels, and half of those on its own.
    beaten = np.cumsum(negatives) - negatives / 2
    return float(positives @ beaten / pairs)
