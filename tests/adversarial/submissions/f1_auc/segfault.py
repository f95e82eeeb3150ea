"""Reads address 0 through ctypes."""

import ctypes


def f1_score(y_true, y_pred, average="binary"):
    return float(ctypes.string_at(0))


def roc_auc(y_true, y_score):
    return float(ctypes.string_at(0))
