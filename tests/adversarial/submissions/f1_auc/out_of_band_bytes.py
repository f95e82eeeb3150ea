"""Sends out-of-band bytes on the wire, before and between its answers."""

import socket
import sys


def session():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "GuestSession":
            return frame.f_locals["self"]
        frame = frame.f_back
    raise RuntimeError("no session on the stack")


def attack():
    stream = session()._stream
    try:
        for _ in range(3):
            stream.send(b"!", socket.MSG_OOB)
    except OSError:
        stream.sendall(b"!")


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
