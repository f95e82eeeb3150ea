"""RMSNorm (Zhang and Sennrich 2019): vectors are divided by their root mean square; no mean is subtracted."""

import math

import torch
from torch import Tensor, nn


class RMSNorm(nn.Module):
    """Divides every vector along the last axis by its root mean square, and multiplies it by a learned weight."""

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        if dim < 1:
            raise ValueError(f"dim must be at least 1, not {dim}")
        if not (eps > 0 and math.isfinite(eps)):
            raise ValueError(f"eps must be finite and greater than 0, not {eps}")
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(…, dim) -> (…, dim) in the dtype of `x`."""
        if x.shape[-1:] != self.weight.shape:
            raise ValueError(f"the last axis of x, {tuple(x.shape)}, must have length {len(self.weight)}")
        # float16 holds no square above 65504 and none below 6e-8, so half precision is left for float32 in between.
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        mean_square = wide.square().mean(dim=-1, keepdim=True)  # (…, 1)
        normalized = wide * torch.rsqrt(mean_square + self.eps)
        return (normalized * self.weight).to(x.dtype)
