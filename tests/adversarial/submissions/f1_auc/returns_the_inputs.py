"""Returns its own arguments, aliases of them, and functions and modules."""

import numpy as np


def f1_score(y_true, y_pred, average="binary"):
    return {"binary": y_true, "macro": f1_score, "micro": np}.get(average, y_pred[0])


def roc_auc(y_true, y_score):
    return y_score
