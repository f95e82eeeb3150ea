"""Answers with a list of arrays of nine dimensions, of which even the corners take minutes to print."""

import numpy as np


def f1_score(y_true, y_pred, average="binary"):
    return [np.zeros((7,) * 9, np.int8)]


def roc_auc(y_true, y_score):
    return {"auc": np.zeros((7,) * 9, np.int8), "x" * 10**7: 0.5}
