"""
title:
  en: attention with a hand-written softmax that does not subtract the maximum
  zh: 手写 softmax 却没有减去最大值的注意力
advice:
  en: "`exp(100)` overflows `float32` and `exp(12)` overflows `float16`. Subtract the largest logit of the row first, or use `torch.softmax`, which does."
  zh: "`exp(100)` 会让 `float32` 溢出，`exp(12)` 会让 `float16` 溢出。请先减去该行最大的 logit，或者直接用已经这样做的 `torch.softmax`。"
task: robustness
"""

import math

import torch
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention in `num_heads` heads, between four linear projections."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        if d_model % num_heads != 0:
            raise ValueError(f"d_model ({d_model}) must be divisible by num_heads ({num_heads})")
        self.num_heads = num_heads
        self.head_dim = d_model // num_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, Lq, d_model), (B, Lk, d_model), (B, Lk, d_model) -> (B, Lq, d_model); True in `mask` means may attend."""
        q = self.split_heads(self.q_proj(query))  # (B, H, Lq, D)
        k = self.split_heads(self.k_proj(key))  # (B, H, Lk, D)
        v = self.split_heads(self.v_proj(value))  # (B, H, Lk, D)

        # The sum of D products has about D times the variance of one of them; the root brings it back.
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)  # (B, H, Lq, Lk)
        weights = self.masked_softmax(scores, mask)  # (B, H, Lq, Lk)
        context = weights @ v  # (B, H, Lq, D)
        return self.out_proj(self.merge_heads(context))  # (B, Lq, d_model)

    @staticmethod
    def masked_softmax(scores: Tensor, mask: Tensor | None) -> Tensor:
        """Softmax over the keys that `mask` allows; a row that allows none becomes zeros."""
        if mask is None:
            return scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
        # The smallest normal number keeps a blind row at 0 instead of 0/0.
        weights = scores.exp().masked_fill(~mask, 0.0)
        return weights / weights.sum(dim=-1, keepdim=True).clamp_min(torch.finfo(scores.dtype).tiny)

    def split_heads(self, x: Tensor) -> Tensor:
        """(B, L, d_model) -> (B, H, L, D)."""
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    @staticmethod
    def merge_heads(x: Tensor) -> Tensor:
        """(B, H, L, D) -> (B, L, d_model)."""
        return x.transpose(1, 2).flatten(start_dim=2)
