"""
title:
  en: attention that computes the softmax in float32 and does not cast back
  zh: 用 float32 计算 softmax 却没有转换回来的注意力
advice:
  en: A softmax in `float32` is a good idea in half precision, but `weights @ v` needs both in one dtype. Cast the weights back with `.to(v.dtype)`.
  zh: 半精度下用 `float32` 计算 softmax 是好主意，但 `weights @ v` 要求两者 dtype 相同。请用 `.to(v.dtype)` 把权重转换回来。
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
        scores = scores if scores.dtype == torch.float64 else scores.float()
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
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    @staticmethod
    def merge_heads(x: Tensor) -> Tensor:
        """(B, H, L, D) -> (B, L, d_model)."""
        return x.transpose(1, 2).flatten(start_dim=2)
