"""Sums ten to the twelfth numbers inside C, holding the interpreter's lock and letting no signal through."""


def f1_score(y_true, y_pred, average="binary"):
    return sum(range(10**12))


def roc_auc(y_true, y_score):
    return sum(range(10**12))
