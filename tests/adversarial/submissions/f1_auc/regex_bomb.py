"""Matches an expression that takes exponential time."""

import re


def f1_score(y_true, y_pred, average="binary"):
    return float(bool(re.match(r"(a*)*b", "a" * 60)))


def roc_auc(y_true, y_score):
    return f1_score(y_true, y_score)
