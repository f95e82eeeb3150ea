"""Returns an object whose repr, str, name and class name are a hundred megabytes long."""


class Enormous:
    def __repr__(self):
        return "x" * 100_000_000

    __str__ = __repr__

    @property
    def __name__(self):
        return "y" * 100_000_000


Enormous.__qualname__ = "Q" * 1_000_000


def f1_score(y_true, y_pred, average="binary"):
    return Enormous()


def roc_auc(y_true, y_score):
    return [Enormous()] * 3
