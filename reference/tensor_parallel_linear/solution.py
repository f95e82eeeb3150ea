"""Column- and row-parallel linear layers (Shoeybi et al. 2019): four pairs of what forward and backward communicate."""

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional


class CopyToAll(torch.autograd.Function):
    """Forward: the whole x, for use on every rank. Backward: the ranks' parts of its gradient are summed."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return summed(gradient)


class SumOfAll(torch.autograd.Function):
    """Forward: the sum over the ranks. Backward: every rank has the gradient of the sum already."""

    @staticmethod
    def forward(ctx, x):
        return summed(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient  # of one and the same loss


class GatherLast(torch.autograd.Function):
    """Forward: the ranks' parts side by side. Backward: the own part; all ranks have the gradient of one and the same loss."""

    @staticmethod
    def forward(ctx, x):
        return gathered(x)

    @staticmethod
    def backward(ctx, gradient):
        return own_part(gradient, -1)


class SplitLast(torch.autograd.Function):
    """Forward: the own part of a whole x. Backward: the parts of the gradient side by side."""

    @staticmethod
    def forward(ctx, x):
        return own_part(x, -1)

    @staticmethod
    def backward(ctx, gradient):
        return gathered(gradient)


class ColumnParallelLinear(nn.Module):
    """A linear layer whose outputs are divided over the ranks."""

    def __init__(self, weight, bias=None, gather_output=True):
        super().__init__()
        self.weight = nn.Parameter(own_part(weight, 0))
        self.bias = None if bias is None else nn.Parameter(own_part(bias, 0))
        self.gather_output = gather_output

    def forward(self, x):
        """x: (..., in), whole -> (..., out), or (..., out / n)."""
        y = functional.linear(CopyToAll.apply(x), self.weight, self.bias)
        return GatherLast.apply(y) if self.gather_output else y


class RowParallelLinear(nn.Module):
    """A linear layer whose inputs are divided over the ranks."""

    def __init__(self, weight, bias=None, input_is_parallel=False):
        super().__init__()
        self.weight = nn.Parameter(own_part(weight, 1))
        self.bias = None if bias is None else nn.Parameter(bias.clone())
        self.input_is_parallel = input_is_parallel

    def forward(self, x):
        """x: (..., in), whole, or (..., in / n) -> (..., out)."""
        part = x if self.input_is_parallel else SplitLast.apply(x)
        y = SumOfAll.apply(functional.linear(part, self.weight))
        return y if self.bias is None else y + self.bias  # after the sum, so that it is in there once


def place():
    """This rank, and the number of ranks; 0 and 1 without a process group."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def own_part(whole, axis):
    """A copy of this rank's part of `whole` along `axis`."""
    rank, n = place()
    if whole.shape[axis] % n:
        raise ValueError(f"{whole.shape[axis]} is not divisible by {n} ranks")
    return whole.chunk(n, axis)[rank].clone()


def summed(x):
    """The sum of x over the ranks, in a tensor of its own: autograd may use x elsewhere."""
    total = x.clone(memory_format=torch.contiguous_format)
    if dist.is_initialized():
        dist.all_reduce(total)
    return total


def gathered(x):
    """The x of all ranks, side by side along the last axis."""
    _, n = place()
    if n == 1:
        return x
    parts = [torch.empty(x.shape, dtype=x.dtype) for _ in range(n)]
    dist.all_gather(parts, x.contiguous())
    return torch.cat(parts, -1)
