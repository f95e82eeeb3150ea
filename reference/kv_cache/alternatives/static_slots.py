"""Attention over all slots of a fixed buffer behind a mask of positions; a call without a cache fills a passing one."""

import torch
from torch import Tensor, nn


class Slots:
    """Rotated keys, and values, of `batch_size` sequences; those past `length` are zeros that nobody attends to."""

    def __init__(self, batch_size: int, capacity: int, num_heads: int, width: int, like: Tensor) -> None:
        self.length = 0
        self.keys = like.new_zeros(batch_size, num_heads, capacity, width)
        self.values = torch.zeros_like(self.keys)

    def take(self, keys: Tensor, values: Tensor) -> None:
        """Put the next tokens (B, H, T, D) into the first free slots."""
        end = self.length + keys.shape[2]
        self.keys[:, :, self.length : end] = keys
        self.values[:, :, self.length : end] = values
        self.length = end


class CachedAttention(nn.Module):
    """Causal self-attention with rotary positions."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        if d_model < 1 or num_heads < 1 or d_model % (2 * num_heads):
            raise ValueError("d_model must be a positive multiple of 2 * num_heads")
        self.d_model, self.num_heads, self.width = d_model, num_heads, d_model // num_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)

    def new_cache(self, batch_size: int, capacity: int) -> Slots:
        """An empty cache."""
        if batch_size < 1 or capacity < 1:
            raise ValueError("a cache holds at least one token of one sequence")
        return self._slots(batch_size, capacity)

    def forward(self, x: Tensor, cache: Slots | None = None) -> Tensor:
        """(B, T, d_model) -> (B, T, d_model)."""
        if x.ndim != 3 or x.shape[2] != self.d_model:
            raise ValueError(f"expected (B, T, {self.d_model}), got {tuple(x.shape)}")
        batch, count = x.shape[:2]
        if cache is None:
            cache = self._slots(batch, count)
        rows, _, capacity, _ = cache.keys.shape
        if batch != rows or cache.length + count > capacity:
            raise ValueError("the tokens do not fit into the cache")

        position = torch.arange(cache.length, cache.length + count, device=x.device)
        q = rotate(self._heads(self.q_proj(x)), position)
        cache.take(rotate(self._heads(self.k_proj(x)), position), self._heads(self.v_proj(x)))

        wide = torch.promote_types(x.dtype, torch.float32)
        scores = torch.einsum("bhqd,bhkd->bhqk", q.to(wide), cache.keys.to(wide)) / self.width**0.5
        hidden = torch.arange(capacity, device=x.device) > position[:, None]
        weights = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
        context = torch.einsum("bhqk,bhkd->bqhd", weights, cache.values.to(wide))
        return self.out_proj(context.reshape(batch, count, self.d_model).to(x.dtype))

    def _slots(self, batch_size: int, capacity: int) -> Slots:
        return Slots(batch_size, capacity, self.num_heads, self.width, self.k_proj.weight.detach())

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.num_heads, self.width)).transpose(1, 2)


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
