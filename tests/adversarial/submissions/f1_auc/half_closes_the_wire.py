"""Shuts one direction of the wire after the other and lives on."""

import socket
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
    session()._stream.shutdown(socket.SHUT_RD)
    session()._stream.shutdown(socket.SHUT_WR)
    time.sleep(3600)


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
