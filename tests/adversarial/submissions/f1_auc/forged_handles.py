"""Answers with handles that do not exist, with wild numbers and labels."""

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
    send_frame(me._stream, Frame([me._call_id, "ok", ["T", ["H", 2**30, "numpy.ndarray", "x", 0], ["H", -1, "a", "b", 0], ["H", 1.5, 2, 3, 0]], [], [], None, []], []), Caps())


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
