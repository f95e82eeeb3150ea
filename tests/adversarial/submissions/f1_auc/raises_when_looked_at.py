"""A module whose `__getattr__` raises something other than AttributeError when an entry point is looked up."""


def f1_score(y_true, y_pred, average="binary"):
    return 0.5


def __getattr__(name):
    raise ZeroDivisionError(name)
