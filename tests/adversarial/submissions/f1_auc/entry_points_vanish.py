"""Entry points that are deleted, or turned into numbers, while the module is used."""


def f1_score(y_true, y_pred, average="binary"):
    global roc_auc
    roc_auc = 1.0
    return 0.5


def roc_auc(y_true, y_score):
    global f1_score
    del f1_score
    return 0.5
