"""A tiny GPT: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from typing import Any

import torch
from torch import Tensor, nn


class TinyGPT(nn.Module):
    """Decoder-only language model: tied embeddings, pre-norm blocks with rotary positions, a cache."""

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, d_ff: int, num_layers: int) -> None:
        """Make `embed`, `layers` and `final_norm`; ValueError unless `2 * num_heads` divides `d_model`."""
        super().__init__()
        raise NotImplementedError

    def forward(self, tokens: Tensor, cache: Any = None) -> Tensor:
        """Logits (B, L, vocab_size) of int64 tokens (B, L): whole sequences, or the next of those in `cache`."""
        raise NotImplementedError

    def new_cache(self) -> Any:
        """An empty cache; its `length` says how many tokens it holds of each sequence."""
        raise NotImplementedError

    def generate(self, tokens: Tensor, max_new_tokens: int) -> Tensor:
        """`tokens` and so many more, each the one with the largest logit: (B, L + max_new_tokens)."""
        raise NotImplementedError


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
