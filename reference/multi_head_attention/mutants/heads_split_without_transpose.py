"""
title:
  en: attention whose heads are split by a reshape straight to (B, H, L, D)
  zh: 用 reshape 直接变成 (B, H, L, D) 来分头的注意力
advice:
  en: "`view(B, H, L, D)` cuts the sequence into pieces instead of the columns. Reshape to `(B, L, H, D)` first, then transpose."
  zh: "`view(B, H, L, D)` 切开的是序列，而不是列。请先变形为 `(B, L, H, D)`，再做 transpose。"
task: attention
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
            return scores.softmax(dim=-1)
        # The lowest finite number, not -inf: a row of nothing but -inf would turn into NaN.
        lowest = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(~mask, lowest).softmax(dim=-1)
        # A blind row is uniform by now. Elsewhere the masked weights are 0 already.
        return weights.masked_fill(~mask, 0.0)

    def split_heads(self, x: Tensor) -> Tensor:
        """(B, L, d_model) -> (B, H, L, D)."""
        batch, length, _ = x.shape
        return x.reshape(batch, self.num_heads, length, self.head_dim)

    @staticmethod
    def merge_heads(x: Tensor) -> Tensor:
        """(B, H, L, D) -> (B, L, d_model)."""
        batch, heads, length, width = x.shape
        return x.reshape(batch, length, heads * width)
