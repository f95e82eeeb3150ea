"""Prints without end."""


def f1_score(y_true, y_pred, average="binary"):
    while True:
        print("accepted " * 1000)


def roc_auc(y_true, y_score):
    return f1_score(y_true, y_score)
