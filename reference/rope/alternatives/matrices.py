"""The 2 x 2 rotation matrices are written out, and a matrix product turns the pairs of either layout."""

import math

import torch
from torch import Tensor


def rope(x: Tensor, positions: Tensor, base: float = 10000.0, interleaved: bool = False) -> Tensor:
    if x.dim() != 4 or x.shape[3] == 0 or x.shape[3] % 2:
        raise ValueError("x must be (B, H, L, D) with D even")
    batch, _, length, width = x.shape
    if tuple(positions.shape) not in ((length,), (batch, length)):
        raise ValueError("positions must be (L,) or (B, L)")
    if (positions < 0).any():
        raise ValueError("a position is negative")
    if not (math.isfinite(base) and base > 0):
        raise ValueError("base must be finite and greater than 0")

    exponents = -torch.arange(0, width, 2, dtype=torch.float64, device=x.device) / width
    angles = positions.double().unsqueeze(-1) * float(base) ** exponents
    cos, sin = angles.cos(), angles.sin()
    matrices = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)
    if positions.dim() == 2:
        matrices = matrices.unsqueeze(1)  # the same for all heads
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    if interleaved:
        pairs = wide.unflatten(-1, (width // 2, 2))
    else:
        pairs = wide.unflatten(-1, (2, width // 2)).mT
    turned = (matrices.to(wide.dtype) @ pairs.unsqueeze(-1)).squeeze(-1)
    return (turned if interleaved else turned.mT).flatten(-2).to(x.dtype)
