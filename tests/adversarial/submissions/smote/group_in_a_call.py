"""Raises exception groups from calls, nested and with members that cannot cross the wire."""


def smote(X, y, k=5, ratio=1.0, rng=None):
    raise ExceptionGroup("outer", [ExceptionGroup("inner", [OSError(2, "x"), UnicodeDecodeError("a", b"", 0, 1, "b")])])
