"""Registers exit handlers that end the process with 0, then fails."""

import atexit
import os
import threading

atexit.register(os._exit, 0)
threading._register_atexit(os._exit, 0)


def f1_score(y_true, y_pred, average="binary"):
    raise SystemExit(1)


def roc_auc(y_true, y_score):
    raise SystemExit(1)
