"""Tensor-parallel layers with one collective, the sum: parts are padded with zeros, and hooks sum the gradients."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn


def world():
    return dist.get_world_size() if dist.is_initialized() else 1


def total(t):
    t = t.clone().contiguous()
    if world() > 1:
        dist.all_reduce(t, op=dist.ReduceOp.SUM)
    return t


class Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        return total(t)

    @staticmethod
    def backward(ctx, grad):
        return grad


def shared(x):
    """x, whose gradient is summed over the ranks."""
    if x.requires_grad:
        x = x.view_as(x)
        x.register_hook(total)
    return x


class _Parallel(nn.Module):
    def bounds(self, size):
        if size % world() != 0:
            raise ValueError("uneven")
        step = size // world()
        start = (dist.get_rank() if world() > 1 else 0) * step
        return start, start + step


class ColumnParallelLinear(_Parallel):
    def __init__(self, weight, bias=None, gather_output=True):
        super().__init__()
        self.out, self.gather = len(weight), gather_output
        self.low, self.high = self.bounds(self.out)
        self.weight = nn.Parameter(weight[self.low : self.high].clone())
        self.register_parameter("bias", None if bias is None else nn.Parameter(bias[self.low : self.high].clone()))

    def forward(self, x):
        y = F.linear(shared(x), self.weight, self.bias)
        return Sum.apply(F.pad(y, (self.low, self.out - self.high))) if self.gather else y


class RowParallelLinear(_Parallel):
    def __init__(self, weight, bias=None, input_is_parallel=False):
        super().__init__()
        self.parallel = input_is_parallel
        self.low, self.high = self.bounds(weight.shape[1])
        self.weight = nn.Parameter(weight[:, self.low : self.high].contiguous().clone())
        self.register_parameter("bias", None if bias is None else nn.Parameter(bias.clone()))

    def forward(self, x):
        if not self.parallel:
            x = shared(x)[..., self.low : self.high]
        y = Sum.apply(x @ self.weight.t())
        return y if self.bias is None else y + self.bias
