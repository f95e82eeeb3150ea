"""Raises SystemExit(0) from within each call."""

import sys


def f1_score(y_true, y_pred, average="binary"):
    sys.exit(0)


def roc_auc(y_true, y_score):
    raise SystemExit(0)
