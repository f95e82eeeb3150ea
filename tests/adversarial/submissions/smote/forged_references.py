"""References to items, arguments and blobs that do not exist, and a list that holds itself."""

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
    send_frame(me._stream, Frame([me._call_id, "ok", ["L", ["=", 0], ["=", 0], ["@", 99], ["=", -1]], [], [], None, []], []), Caps())


def smote(X, y, k=5, ratio=1.0, rng=None):
    attack()
    return X, y
