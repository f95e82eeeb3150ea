"""One autograd function that is told what to do with a tensor on the way there, and with its gradient on the way back."""

from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import nn

Step = Callable[[torch.Tensor], torch.Tensor]


def place() -> tuple[int, int]:
    """This rank and the number of ranks."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def same(x: torch.Tensor) -> torch.Tensor:
    """The tensor itself, as a view."""
    return x.view_as(x)


def summed(x: torch.Tensor) -> torch.Tensor:
    """The sum over all ranks."""
    total = x.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(total)
    return total


def joined(x: torch.Tensor) -> torch.Tensor:
    """All ranks' parts, side by side in the last dimension."""
    parts = [torch.empty_like(x, memory_format=torch.contiguous_format) for _ in range(place()[1])]
    dist.all_gather(parts, x.contiguous())
    return torch.cat(parts, dim=-1)


def own_part(x: torch.Tensor) -> torch.Tensor:
    """This rank's part of the last dimension."""
    rank, ranks = place()
    return x.chunk(ranks, dim=-1)[rank].clone()


class Exchange(torch.autograd.Function):
    """`there` on the tensor, and `back` on its gradient."""

    @staticmethod
    def forward(ctx, x: torch.Tensor, there: Step, back: Step) -> torch.Tensor:
        ctx.back = back
        return there(x)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return ctx.back(gradient), None, None


def exchange(x: torch.Tensor, there: Step, back: Step) -> torch.Tensor:
    """Where there are other ranks, `Exchange`; else the tensor."""
    return Exchange.apply(x, there, back) if place()[1] > 1 else x


class SlicedLinear(nn.Module):
    """What both layers keep: parameters that are copies."""

    def keep(self, weight: torch.Tensor, bias: torch.Tensor | None, axis: int) -> None:
        """This rank's part of `weight` along the axis, and of the bias if that is divided, too."""
        rank, ranks = place()
        if weight.shape[axis] % ranks:
            raise ValueError(f"{weight.shape[axis]} is not divisible by {ranks} ranks")
        self.weight = nn.Parameter(weight.detach().chunk(ranks, dim=axis)[rank].clone())
        if bias is None:
            self.register_parameter("bias", None)
        else:
            kept = bias.detach().chunk(ranks)[rank] if axis == 0 else bias.detach()
            self.bias = nn.Parameter(kept.clone())


class ColumnParallelLinear(SlicedLinear):
    """A linear layer whose outputs are divided over the ranks; `weight` (out, in) and `bias` (out,) are the whole ones."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None, gather_output: bool = True):
        """Keep this rank's rows; ValueError where out is not divisible by the number of ranks."""
        super().__init__()
        self.keep(weight, bias, axis=0)
        self.gather_output = gather_output

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (..., in), whole -> (..., out) if the output is gathered, else (..., out / n)."""
        part = nn.functional.linear(exchange(x, same, summed), self.weight, self.bias)
        return exchange(part, joined, own_part) if self.gather_output else part


class RowParallelLinear(SlicedLinear):
    """A linear layer whose inputs are divided over the ranks; `weight` (out, in) and `bias` (out,) are the whole ones."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None, input_is_parallel: bool = False):
        """Keep this rank's columns, and the whole bias; ValueError where in is not divisible by the number of ranks."""
        super().__init__()
        self.keep(weight, bias, axis=1)
        self.input_is_parallel = input_is_parallel

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (..., in / n) if the input is parallel, else (..., in), whole -> (..., out)."""
        part = x if self.input_is_parallel else exchange(x, own_part, joined)
        y = exchange(nn.functional.linear(part, self.weight), summed, same)
        return y if self.bias is None else y + self.bias
