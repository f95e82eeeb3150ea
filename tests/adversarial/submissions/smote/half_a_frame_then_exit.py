"""Sends half of a frame and ends."""

import os
import struct
import sys


def session():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "GuestSession":
            return frame.f_locals["self"]
        frame = frame.f_back
    raise RuntimeError("no session on the stack")


def attack():
    session()._stream.sendall(b"viv1" + struct.pack("!II", 1000, 0) + b"\x93")
    os._exit(0)


def smote(X, y, k=5, ratio=1.0, rng=None):
    attack()
    return X, y
