"""Sends msgpack maps, extension types, timestamps, NaN and invalid text where lists belong."""

import itertools
import struct
import sys


def session():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "GuestSession":
            return frame.f_locals["self"]
        frame = frame.f_back
    raise RuntimeError("no session on the stack")


ODD = (b"\x80", b"\xd6\xff\0\0\0\0", b"\xc7\x00\x01", b"\xa2\xff\xfe", b"\xcb\x7f\xf8\0\0\0\0\0\0", b"\x93\xc0\xa2ok\xc0", b"\xc1")
turn = itertools.count()


def attack():
    body = ODD[next(turn) % len(ODD)]
    session()._stream.sendall(b"viv1" + struct.pack("!II", len(body), 0) + body)


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
