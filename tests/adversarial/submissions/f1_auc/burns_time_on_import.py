"""Loops forever on import."""

while True:
    pass


def f1_score(y_true, y_pred, average="binary"):
    return 0.5


def roc_auc(y_true, y_score):
    return 0.5
