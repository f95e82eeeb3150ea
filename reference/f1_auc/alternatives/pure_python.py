"""No numpy: counters for F1, one sort and runs of equal scores for AUC."""

from collections import Counter
from itertools import groupby


def harmonic_mean(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def ratio(part, whole):
    return part / whole if whole else 0.0


def f1_score(y_true, y_pred, average="binary"):
    if len(y_true) != len(y_pred):
        raise ValueError("y_true and y_pred differ in length")
    truth, guess = [int(label) for label in y_true], [int(label) for label in y_pred]
    support, predicted = Counter(truth), Counter(guess)
    hits = Counter(t for t, g in zip(truth, guess, strict=True) if t == g)

    def f1_of(label):
        return harmonic_mean(ratio(hits[label], predicted[label]), ratio(hits[label], support[label]))

    labels = set(truth) | set(guess)
    if average == "binary":
        return f1_of(1)
    if average == "micro":
        return sum(hits.values()) / len(truth)
    if average == "macro":
        return sum(map(f1_of, labels)) / len(labels)
    if average == "weighted":
        return sum(support[label] * f1_of(label) for label in labels) / len(truth)
    raise ValueError(f"unknown average: {average}")


def roc_auc(y_true, y_score):
    pairs = sorted(zip((float(s) for s in y_score), (int(y) for y in y_true), strict=True))
    positives = negatives = 0
    won = 0.0
    for _, run in groupby(pairs, key=lambda pair: pair[0]):
        labels = [label for _, label in run]
        here = sum(labels)
        won += here * (negatives + (len(labels) - here) / 2)
        positives += here
        negatives += len(labels) - here
    if not positives or not negatives:
        raise ValueError("only one class")
    return won / (positives * negatives)
