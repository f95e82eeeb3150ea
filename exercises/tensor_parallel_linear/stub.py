"""Tensor-parallel linear layers; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
import torch.distributed as dist  # noqa: F401 - for you to use
from torch import nn


class ColumnParallelLinear(nn.Module):
    """A linear layer whose outputs are divided over the ranks; `weight` (out, in) and `bias` (out,) are the whole ones."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None, gather_output: bool = True):
        """Keep this rank's rows; ValueError where out is not divisible by the number of ranks."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (..., in), whole -> (..., out) if the output is gathered, else (..., out / n)."""
        raise NotImplementedError


class RowParallelLinear(nn.Module):
    """A linear layer whose inputs are divided over the ranks; `weight` (out, in) and `bias` (out,) are the whole ones."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None, input_is_parallel: bool = False):
        """Keep this rank's columns, and the whole bias; ValueError where in is not divisible by the number of ranks."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (..., in / n) if the input is parallel, else (..., in), whole -> (..., out)."""
        raise NotImplementedError
