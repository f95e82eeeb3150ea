"""Answers with a set of thousands of ints, and a dict of tuples, that all share one hash: building them is quadratic."""

PRIME = 2**61 - 1


def f1_score(y_true, y_pred, average="binary"):
    return {k * PRIME for k in range(8, 2_500)}


def roc_auc(y_true, y_score):
    return {(k * PRIME, 0.5): k for k in range(8, 1_000)}
