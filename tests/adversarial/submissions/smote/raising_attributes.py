"""Returns an object that raises from `__getattr__`, `__len__`, `__iter__`, `__bool__`, `__repr__` and `__class__`."""


class Raises:
    def __getattribute__(self, name):
        raise SystemExit(name)

    def __len__(self):
        raise KeyboardInterrupt

    def __iter__(self):
        raise StopIteration

    def __bool__(self):
        raise GeneratorExit

    def __getitem__(self, key):
        raise IndexError(key)

    def __repr__(self):
        raise MemoryError

    __eq__ = __hash__ = __str__ = __repr__


def smote(X, y, k=5, ratio=1.0, rng=None):
    return Raises() if len(X) % 2 else (Raises(), Raises())
