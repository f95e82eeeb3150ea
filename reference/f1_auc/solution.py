"""F1 and ROC AUC from counts and ranks."""

import numpy as np


def f1_score(y_true, y_pred, average="binary"):
    """F1 of 1-D integer labels `y_true` and `y_pred`, both (n,), as a float.

    `average` is "binary" (F1 of label 1), "macro", "micro" or "weighted" (over the union of the labels). A zero
    denominator gives 0.0.
    Raises ValueError for another `average` and for arrays of different lengths.
    """
    if average not in ("binary", "macro", "micro", "weighted"):
        raise ValueError(f"average must be binary, macro, micro or weighted, not {average!r}")
    y_true, y_pred = _same_shape(y_true, y_pred)
    labels = np.array([1]) if average == "binary" else np.union1d(y_true, y_pred)  # (k,)
    support, predicted, hits = _counts(y_true, y_pred, labels)
    if average == "micro":
        return float(_f1(support.sum(), predicted.sum(), hits.sum()))
    per_label = _f1(support, predicted, hits)  # (k,)
    weights = support if average == "weighted" else np.ones(len(labels))
    return float(np.average(per_label, weights=weights))


def roc_auc(y_true, y_score):
    """Area under the ROC curve of labels 0 and 1, (n,), and their scores, (n,), as a float; a tied pair counts half.

    The Mann-Whitney statistic: O(n log n) for the sort. Raises ValueError when `y_true` holds one class only.
    """
    positive = y_true == 1  # (n,)
    n_pos = int(positive.sum())
    n_neg = len(y_true) - n_pos
    if n_pos == 0 or n_neg == 0:
        raise ValueError("AUC compares positives with negatives: y_true must hold both 0 and 1")
    # Items with equal scores form a group and share the mean of the ranks 1..n that they occupy.
    _, group, size = np.unique(y_score, return_inverse=True, return_counts=True)  # (g,), (n,), (g,)
    mean_rank = np.cumsum(size) - (size - 1) / 2  # (g,)
    rank_sum = mean_rank[group][positive].sum()
    # Were every positive below every negative, their ranks would sum to 1 + 2 + ... + n_pos; each pair won adds 1.
    pairs_won = rank_sum - n_pos * (n_pos + 1) / 2
    return float(pairs_won / (n_pos * n_neg))


def _same_shape(first, second):
    """Both as arrays; ValueError where numpy would broadcast them or fail later."""
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        raise ValueError(f"shapes differ: {first.shape} and {second.shape}")
    return first, second


def _counts(y_true, y_pred, labels):
    """How often each label is true, is predicted, and is both: three arrays (k,)."""
    support = np.array([np.sum(y_true == label) for label in labels])
    predicted = np.array([np.sum(y_pred == label) for label in labels])
    hits = np.array([np.sum((y_true == label) & (y_pred == label)) for label in labels])
    return support, predicted, hits


def _f1(support, predicted, hits):
    """2 TP / (2 TP + FP + FN), elementwise: TP + FN is the support, TP + FP was predicted; 0 where both are 0."""
    total = support + predicted
    return 2 * hits / np.maximum(total, 1)  # hits is 0 where total is
