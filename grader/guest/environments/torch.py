"""Tensors with gradients."""

from __future__ import annotations

import io
from typing import Any

from grader.guest.environments import Environment
from grader.guest.environments import numpy as arrays


def one_thread() -> None:
    """Torch makes its threads at the first product that is large enough."""
    import torch

    torch.set_num_threads(1)


def compile_nothing() -> None:
    """A box has no compiler: `torch.compile` gives back what it is given, as torch's own `disable=True` does.

    The real one imports for longer than a case may take, before it finds that out.
    """
    import torch

    torch.compile = _as_it_is


def _as_it_is(model: Any = None, **_options: Any) -> Any:
    """Stands for `torch.compile`, called or as a decorator with options: what is not compiled computes the same."""
    return (lambda function: function) if model is None else model


def first_steps() -> None:
    """Forward and backward of a small module: what nearly every exercise does."""
    import torch

    arrays.first_products()
    with torch.random.fork_rng(devices=[]):
        layer = torch.nn.Linear(4, 4)
        layer(torch.ones(2, 4)).sum().backward()
        torch.softmax(torch.ones(2, 2), -1)


def warm() -> None:
    """First uses that import hundreds of modules, or load a library: optimisers, gradcheck, testing, files, svd."""
    import torch

    arrays.warm()
    with torch.random.fork_rng(devices=[]):
        layer = torch.nn.Linear(4, 4)
        for optimizer in (torch.optim.SGD(layer.parameters(), lr=0.1), torch.optim.Adam(layer.parameters())):
            layer(torch.ones(2, 4)).sum().backward()
            optimizer.step()
    _store_and_load(layer.state_dict())
    torch.linalg.svd(torch.ones(2, 2))
    repr(torch.ones(2))
    point = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda x: (x * x).sum(), (point,))
    torch.testing.assert_close(torch.ones(2), torch.ones(2))


def _store_and_load(state: object) -> None:
    import torch

    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    torch.load(file, weights_only=True)


ENVIRONMENT = Environment(
    packages=("torch", "numpy"),
    libraries=("numpy", "torch"),
    names={**arrays.ENVIRONMENT.names, "torch": "torch"},
    also=arrays.ENVIRONMENT.also,
    one_thread=one_thread,
    adapt=compile_nothing,
    first_uses=first_steps,
    warm=warm,
)
