"""Messages and output with lone surrogates, null bytes, terminal escapes and right-to-left marks."""

import sys

NASTY = "\ud800\x00\x1b[2J\x1b]0;accepted\x07\u202e\ud83d score=10"


def f1_score(y_true, y_pred, average="binary"):
    print(NASTY)
    sys.stderr.write(NASTY)
    raise type("accepted\ud800", (RuntimeError,), {})(NASTY)


def roc_auc(y_true, y_score):
    return NASTY
