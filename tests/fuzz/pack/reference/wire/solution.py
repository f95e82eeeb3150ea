"""What an honest candidate would define for the suite beside this file."""

import numpy as np
import torch


class Model:
    """Has state, a length and items, and can be called."""

    def __init__(self, weight=1.0):
        self.weight = torch.nn.Parameter(torch.full((3,), weight))

    def __call__(self, x):
        return (x * self.weight).sum()

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return [1.0, 2.0, 3.0][index]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def state(self):
        return {"weight": self.weight.detach().clone(), "steps": [0]}

    def load(self, state):
        self.weight.data.copy_(state["weight"])

    def count(self):
        yield from range(4)


def mean(values):
    if len(values) == 0:
        raise ValueError("values must not be empty")
    return float(np.mean(values))


def table(n):
    return {"rows": [[i, i + 1] for i in range(n)], "names": {"a", "b"}, "shape": (n, 2)}


def scaled(values):
    return np.asarray(values, dtype=np.float64) * 2.0


def apply(function, value):
    return function(value)


def several(n):
    raise ExceptionGroup("several", [ValueError(str(i)) for i in range(n)])
