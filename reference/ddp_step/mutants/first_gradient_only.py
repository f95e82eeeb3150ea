"""
title:
  en: "an all-reduce of the first parameter's gradient only"
  zh: "只对第一个参数的梯度做了 all-reduce"
advice:
  en: "Every parameter has its own gradient tensor: all-reduce each of them, or one flat tensor that holds them all."
  zh: "每个参数都有自己的梯度张量：要逐个 all-reduce，或者把它们拼成一个扁平张量再 all-reduce。"
task: average
"""

import torch
import torch.distributed as dist
from torch import nn


def broadcast_parameters(model: nn.Module, src: int = 0) -> None:
    """Copy every parameter and buffer of rank `src` into the model of every other rank, in place."""
    if not dist.is_initialized():
        return
    for tensor in [*model.parameters(), *model.buffers()]:
        dist.broadcast(tensor.detach(), src)  # detach shares the memory, and is no leaf that autograd guards


def ddp_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn, inputs, targets) -> float:
    """One step on the whole batch, of which this rank holds some rows; returns the mean loss of all rows."""
    all_rows = sum_over_ranks(torch.tensor(len(inputs))).item()  # N
    share = len(inputs) / all_rows  # n_r / N

    optimizer.zero_grad()  # sets every gradient to None, so that "unused" can be told from "zero"
    loss = torch.zeros((), dtype=torch.float64)
    if len(inputs):  # the mean of no rows is NaN, and NaN * 0 is NaN
        scaled = loss_fn(model(inputs), targets) * share
        scaled.backward()
        loss += scaled.detach()

    sum_gradients(model)
    optimizer.step()
    return sum_over_ranks(loss).item()


def sum_gradients(model: nn.Module) -> None:
    """Replace each gradient by its sum over the ranks; a parameter that no rank used, or a frozen one, keeps None."""
    # Which parameters a rank used depends on its rows, but all ranks must enter the same collectives in the same
    # order. So they first agree on which gradients exist anywhere.
    params = list(model.parameters())[:1]
    users = sum_over_ranks(torch.tensor([p.grad is not None for p in params], dtype=torch.int64))
    for p, count in zip(params, users.tolist(), strict=True):
        if count:
            p.grad = sum_over_ranks(torch.zeros_like(p) if p.grad is None else p.grad)


def sum_over_ranks(tensor: torch.Tensor) -> torch.Tensor:
    """Sum `tensor` over the ranks, in place; alone, it is the sum already."""
    if dist.is_initialized():
        dist.all_reduce(tensor, op=dist.ReduceOp.SUM)
    return tensor
