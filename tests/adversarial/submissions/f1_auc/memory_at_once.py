"""Allocates gigabytes at once."""


def f1_score(y_true, y_pred, average="binary"):
    return float(len(bytearray(3 << 30)))


def roc_auc(y_true, y_score):
    return f1_score(y_true, y_score)
