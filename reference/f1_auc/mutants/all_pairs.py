"""
title:
  en: >-
    AUC that compares every positive with every negative
  zh: >-
    逐对比较所有正例与负例来计算 AUC
advice:
  en: >-
    The definition by pairs is right but quadratic: 300,000 items make some 21 billion pairs. Sort once and
    use ranks, or look each positive up among the sorted negatives.
  zh: >-
    按样本对计算，定义没错，但复杂度是平方级：三十万条样本约有二百一十亿对。应只排序一次并利用名次，或在排好序的负例中用二分查找定位每个正例。
task: speed
"""

import numpy as np


def f1_score(y_true, y_pred, average="binary"):
    """F1 of 1-D integer labels `y_true` and `y_pred`, both (n,), as a float.

    `average` is "binary" (F1 of label 1), "macro", "micro" or "weighted" (over the union of the labels). A zero
    denominator gives 0.0.
    Raises ValueError for another `average` and for arrays of different shapes.
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
    y_true, y_score = _same_shape(y_true, y_score)
    positive = y_true == 1  # (n,)
    n_pos = int(positive.sum())
    n_neg = len(y_true) - n_pos
    if n_pos == 0 or n_neg == 0:
        raise ValueError("AUC compares positives with negatives: y_true must hold both 0 and 1")
    negatives = y_score[~positive]
    pairs_won = 0.0
    for score in y_score[positive]:
        pairs_won += np.sum(negatives < score) + 0.5 * np.sum(negatives == score)
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
