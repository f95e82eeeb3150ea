"""Transformer block: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
from torch import Tensor, nn


class TransformerBlock(nn.Module):
    """Pre-norm decoder block: causal attention with rotary positions, then a SwiGLU feed-forward layer."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        """Make `attn_norm`, `q_proj`, `k_proj`, `v_proj`, `out_proj`, `ffn_norm`, `gate_proj`, `up_proj`, `down_proj`.

        ValueError unless all numbers are at least 1 and `2 * num_heads` divides `d_model`.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, L, d_model) -> (B, L, d_model); mask: bool, (B, L), False = padding. ValueError for other shapes."""
        raise NotImplementedError


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
