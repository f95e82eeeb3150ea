"""One autograd function for each whole layer: product, collective and all three gradients are written out together."""

import torch
import torch.distributed as dist
from torch import nn


def place() -> tuple[int, int]:
    """Number of ranks, and which one this is."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_world_size(), dist.get_rank()
    return 1, 0


def summed(part: torch.Tensor, n: int) -> torch.Tensor:
    """The sum over all ranks; `part` is used up."""
    part = part.contiguous()
    if n > 1:
        dist.all_reduce(part)
    return part


def joined(part: torch.Tensor, n: int) -> torch.Tensor:
    """The parts of all ranks beside each other, on the last axis."""
    if n == 1:
        return part
    parts = [torch.empty_like(part, memory_format=torch.contiguous_format) for _ in range(n)]
    dist.all_gather(parts, part.contiguous())
    return torch.cat(parts, dim=-1)


def cut(whole: torch.Tensor, n: int, rank: int) -> torch.Tensor:
    """This rank's part of the last axis."""
    return whole.chunk(n, dim=-1)[rank]


def weight_gradient(gradient: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return gradient.flatten(0, -2).T @ x.flatten(0, -2)


class ColumnFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, gather, n, rank):
        ctx.save_for_backward(x, weight)
        ctx.gather, ctx.n, ctx.rank = gather, n, rank
        y = x @ weight.T
        if bias is not None:
            y = y + bias
        return joined(y, n) if gather else y

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        if ctx.gather:
            gradient = cut(gradient, ctx.n, ctx.rank)
        for_x = summed(gradient @ weight, ctx.n) if ctx.needs_input_grad[0] else None
        for_bias = gradient.flatten(0, -2).sum(dim=0) if ctx.needs_input_grad[2] else None
        return for_x, weight_gradient(gradient, x), for_bias, None, None, None


class RowFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, parallel, n, rank):
        part = x if parallel else cut(x, n, rank)
        ctx.save_for_backward(part, weight)
        ctx.parallel, ctx.n = parallel, n
        y = summed(part @ weight.T, n)
        return y if bias is None else y + bias

    @staticmethod
    def backward(ctx, gradient):
        part, weight = ctx.saved_tensors
        for_x = None
        if ctx.needs_input_grad[0]:
            for_x = gradient @ weight
            if not ctx.parallel:
                for_x = joined(for_x, ctx.n)
        for_bias = gradient.flatten(0, -2).sum(dim=0) if ctx.needs_input_grad[2] else None
        return for_x, weight_gradient(gradient, part), for_bias, None, None, None


class Divided(nn.Module):
    """Parameters of a rank, and its place."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None, axis: int) -> None:
        super().__init__()
        self.n, self.rank = place()
        if weight.shape[axis] % self.n:
            raise ValueError("the weight cannot be divided evenly")
        self.weight = nn.Parameter(weight.detach().chunk(self.n, dim=axis)[self.rank].clone())
        if bias is not None:
            bias = bias.detach().chunk(self.n)[self.rank] if axis == 0 else bias.detach()
            bias = nn.Parameter(bias.clone())
        self.register_parameter("bias", bias)


class ColumnParallelLinear(Divided):
    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None, gather_output: bool = True):
        super().__init__(weight, bias, 0)
        self.gather_output = gather_output

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ColumnFunction.apply(x, self.weight, self.bias, self.gather_output, self.n, self.rank)


class RowParallelLinear(Divided):
    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None, input_is_parallel: bool = False):
        super().__init__(weight, bias, 1)
        self.input_is_parallel = input_is_parallel

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return RowFunction.apply(x, self.weight, self.bias, self.input_is_parallel, self.n, self.rank)
