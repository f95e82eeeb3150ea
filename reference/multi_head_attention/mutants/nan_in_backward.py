"""
title:
  en: attention that hides the NaN of blind queries from the output but not from the gradients
  zh: 输出里遮住了 NaN、梯度里却没有遮住的注意力
advice:
  en: Adding `-inf` and calling `nan_to_num` leaves NaN in the softmax that the backward pass multiplies with. `masked_fill` and `where` stop that gradient; a finite fill never makes the NaN.
  zh: 加上 `-inf` 再用 `nan_to_num`，softmax 里的 NaN 仍会在反向传播时参与相乘。`masked_fill` 和 `where` 能截断这个梯度；填有限值则根本不产生 NaN。
task: gradients
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
        bias = torch.zeros_like(mask, dtype=scores.dtype).masked_fill(~mask, float("-inf"))
        return (scores + bias).softmax(dim=-1).nan_to_num(nan=0.0)

    def split_heads(self, x: Tensor) -> Tensor:
        """(B, L, d_model) -> (B, H, L, D)."""
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    @staticmethod
    def merge_heads(x: Tensor) -> Tensor:
        """(B, H, L, D) -> (B, L, d_model)."""
        return x.transpose(1, 2).flatten(start_dim=2)
