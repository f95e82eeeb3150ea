"""The cache is one buffer made in full at the start, token by token; a pass without a cache fills a passing one."""

import math

import torch
from torch import Tensor, nn


class Cache:
    """Room for the keys (turned already) and the values of `capacity` tokens of each sequence."""

    def __init__(self, rows: Tensor) -> None:
        self.rows = rows  # (2, B, capacity, H, D): keys, values
        self.length = 0

    def extend(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Take in the next tokens, (B, T, H, D), and give back all there are."""
        end = self.length + keys.shape[1]
        self.rows[0, :, self.length : end] = keys
        self.rows[1, :, self.length : end] = values
        self.length = end
        return self.rows[0, :, :end], self.rows[1, :, :end]


class CachedAttention(nn.Module):
    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        if d_model < 1 or num_heads < 1 or d_model % (2 * num_heads):
            raise ValueError("d_model must be divisible by 2 * num_heads")
        self.num_heads, self.head_width = num_heads, d_model // num_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)

    def new_cache(self, batch_size: int, capacity: int) -> Cache:
        if batch_size < 1 or capacity < 1:
            raise ValueError("a cache needs room for one sequence of one token")
        return self._room(batch_size, capacity)

    def _room(self, batch_size: int, capacity: int) -> Cache:
        return Cache(self.k_proj.weight.new_zeros(2, batch_size, capacity, self.num_heads, self.head_width))

    def forward(self, x: Tensor, cache: Cache | None = None) -> Tensor:
        if x.dim() != 3 or x.shape[2] != self.q_proj.in_features:
            raise ValueError("x must be (B, T, d_model)")
        batch, new, _ = x.shape
        if cache is None:
            cache = self._room(batch, new)
        elif batch != cache.rows.shape[1]:
            raise ValueError("the cache was made for another number of sequences")
        elif cache.length + new > cache.rows.shape[2]:
            raise ValueError("the cache is full")

        positions = torch.arange(cache.length, cache.length + new, device=x.device)
        q, k, v = (
            proj(x).view(batch, new, self.num_heads, self.head_width)
            for proj in (self.q_proj, self.k_proj, self.v_proj)
        )
        keys, values = cache.extend(turn(k, positions), v)
        scores = torch.einsum("bihd,bjhd->bhij", turn(q, positions), keys) / math.sqrt(self.head_width)
        later = torch.arange(cache.length, device=x.device) > positions[:, None]
        weights = scores.masked_fill(later, -math.inf).softmax(-1)
        return self.out_proj(torch.einsum("bhij,bjhd->bihd", weights, values).reshape(x.shape))


def turn(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE of (B, T, H, D) at positions (T,)."""
    half = x.shape[-1] // 2
    speeds = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = (positions[:, None] * speeds)[:, None, :]
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
