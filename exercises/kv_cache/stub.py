"""Attention with a KV cache: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from typing import Any

import torch
from torch import Tensor, nn


class CachedAttention(nn.Module):
    """Causal self-attention with rotary positions that gives the same for a sequence at once and piece by piece."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        """Make `q_proj`, `k_proj`, `v_proj` and `out_proj`; ValueError unless `2 * num_heads` divides `d_model`."""
        super().__init__()
        raise NotImplementedError

    def new_cache(self, batch_size: int, capacity: int) -> Any:
        """An empty cache for so many sequences of so many tokens; its `length` says how many it holds of each."""
        raise NotImplementedError

    def forward(self, x: Tensor, cache: Any = None) -> Tensor:
        """(B, T, d_model) -> (B, T, d_model): whole sequences, or the next T tokens of those in `cache`.

        ValueError for other shapes, another B than that of the cache, and tokens that do not fit into it; the cache is
        then as it was.
        """
        raise NotImplementedError


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
