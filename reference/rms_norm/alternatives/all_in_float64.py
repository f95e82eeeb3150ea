"""Everything is worked out in `float64`, whatever the dtypes, and rounded once at the end."""

import math

import torch
from torch import Tensor, nn


class RMSNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        if dim < 1:
            raise ValueError("dim must be at least 1")
        if not (math.isfinite(eps) and eps > 0):
            raise ValueError("eps must be finite and greater than 0")
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 0 or x.shape[-1] != len(self.weight):
            raise ValueError(f"expected (..., {len(self.weight)}), got {tuple(x.shape)}")
        wide = x.double()
        mean_square = wide.square().mean(dim=-1, keepdim=True)
        return (wide * torch.rsqrt(mean_square + self.eps) * self.weight.double()).to(x.dtype)
