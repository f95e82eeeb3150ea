"""
title:
  en: "a rank that skips the all-reduce of a parameter which it has no gradient for"
  zh: "某个 rank 在自己没有某参数的梯度时跳过了对它的 all-reduce"
advice:
  en: "All ranks must enter the same collectives in the same order; otherwise they wait for ever or add tensors of different parameters. Agree first on which gradients exist anywhere, and contribute zeros."
  zh: "所有 rank 必须以相同的顺序参加相同的集合通信，否则会一直等待，或把不同参数的张量加在一起。应先商定哪些梯度在某处存在，没有的 rank 贡献零。"
task: missing
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
    params = list(model.parameters())
    for p in params:
        if p.grad is not None:
            sum_over_ranks(p.grad)


def sum_over_ranks(tensor: torch.Tensor) -> torch.Tensor:
    """Sum `tensor` over the ranks, in place; alone, it is the sum already."""
    if dist.is_initialized():
        dist.all_reduce(tensor, op=dist.ReduceOp.SUM)
    return tensor
