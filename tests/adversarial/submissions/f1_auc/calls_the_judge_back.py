"""Calls functions of the judge that were never handed out."""

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
    send_frame(me._stream, Frame([me._call_id, "callback", 0, [], []], []), Caps())


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
