"""A module whose `__getattr__` never returns when an entry point is looked up."""

import time


def f1_score(y_true, y_pred, average="binary"):
    return 0.5


def __getattr__(name):
    time.sleep(3600)
