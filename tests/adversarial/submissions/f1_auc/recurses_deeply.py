"""Recurses until the stack ends, after raising Python's own limit."""

import sys

sys.setrecursionlimit(10**9)


def deeper(n):
    return deeper([n]) + 1


def f1_score(y_true, y_pred, average="binary"):
    return deeper(0)


def roc_auc(y_true, y_score):
    return deeper(0)
