"""Returns objects whose `__array_interface__`, `__array__` and buffer claim memory that is not theirs."""


class Lie:
    __array_interface__ = {"shape": (10**6,), "typestr": "<f8", "data": (4096, False), "version": 3}
    __array_struct__ = 7
    shape, dtype, ndim, size = (100_000,), "float64", 1, 100_000

    def __len__(self):
        return 100_000

    def __getitem__(self, key):
        return 0.0

    def __array_ufunc__(self, *args, **kwargs):
        return 0.0


def laplace_mechanism(value, sensitivity, epsilon, rng):
    return Lie()


def private_mean(values, lower, upper, epsilon, rng):
    return Lie()
