"""Calls abort, after a handler that catches SIGABRT."""

import os
import signal


def f1_score(y_true, y_pred, average="binary"):
    signal.signal(signal.SIGABRT, lambda *_: os._exit(0))
    os.abort()


def roc_auc(y_true, y_score):
    os.abort()
