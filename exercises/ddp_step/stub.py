"""Synchronised data-parallel training on a `torch.distributed` process group."""

import torch
import torch.distributed as dist  # noqa: F401 - for you to use
from torch import nn


def broadcast_parameters(model: nn.Module, src: int = 0) -> None:
    """Copy every parameter and buffer of rank `src` into the model of every other rank, in place.

    Every rank calls it. Without a process group, or alone in it, it does nothing.
    """
    raise NotImplementedError


def ddp_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn, inputs, targets) -> float:
    """One training step on the whole batch, of which this rank holds the rows `inputs` and `targets`.

    inputs: (n, ...) and targets: (n, ...), where n may differ between ranks and may be 0.
    loss_fn(model(inputs), targets) is the mean loss of the n local rows, a 0-d tensor.
    Every rank calls it, and every rank ends with the parameters that one process would have after
    a step on all rows. Returns the mean loss of all rows before the step, the same on every rank.
    """
    raise NotImplementedError
