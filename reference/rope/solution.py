"""Rotary position embedding (Su et al. 2021): pairs of elements are turned by angles that grow with the position.

Shapes: B items, H heads, L positions, and D / 2 pairs.
"""

import math

import torch
from torch import Tensor


def rope(x: Tensor, positions: Tensor, base: float = 10000.0, interleaved: bool = False) -> Tensor:
    """Turn pair i of every vector at position p by the angle p * base ** (-2 * i / D): (B, H, L, D) -> (B, H, L, D)."""
    _check(x, positions, base)
    wide = torch.promote_types(x.dtype, torch.float32)
    angles = _angles(positions, x.shape[-1], base)
    cos, sin = angles.cos().to(wide), angles.sin().to(wide)
    first, second = _pairs(x.to(wide), interleaved)  # (B, H, L, D/2) each
    turned = first * cos - second * sin, first * sin + second * cos
    joined = torch.stack(turned, dim=-1).flatten(-2) if interleaved else torch.cat(turned, dim=-1)
    return joined.to(x.dtype)


def _angles(positions: Tensor, width: int, base: float) -> Tensor:
    """(L,) or (B, L) -> (L, D/2) or (B, 1, L, D/2), in float64: near 131072 float32 numbers are 0.01 apart."""
    exponents = torch.arange(0, width, 2, dtype=torch.float64, device=positions.device) / width  # (D/2,)
    angles = positions[..., None] * base**-exponents
    return angles[:, None] if positions.ndim == 2 else angles


def _pairs(x: Tensor, interleaved: bool) -> tuple[Tensor, Tensor]:
    """The first and the second members of all pairs."""
    return (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, dim=-1)


def _check(x: Tensor, positions: Tensor, base: float) -> None:
    """Raise ValueError for what the statement lists."""
    if x.ndim != 4 or x.shape[-1] % 2 == 1 or x.shape[-1] == 0:
        raise ValueError(f"x must be (B, H, L, D) with an even D of at least 2, not {tuple(x.shape)}")
    batch, _, length, _ = x.shape
    if positions.shape not in ((length,), (batch, length)):
        raise ValueError(f"positions must be ({length},) or ({batch}, {length}), not {tuple(positions.shape)}")
    if (positions < 0).any():
        raise ValueError("positions must not be negative")
    if not (base > 0 and math.isfinite(base)):
        raise ValueError(f"base must be finite and greater than 0, not {base}")
