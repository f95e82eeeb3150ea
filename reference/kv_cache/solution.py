"""Causal attention that keeps keys and values, so that each token is projected once.

Shapes: B sequences, T new tokens, S tokens in all, H heads of width D, and d_model = H * D.
"""

import math

import torch
from torch import Tensor, nn


class KVCache:
    """Keys, turned already, and values of the tokens so far: (B, H, capacity, D), of which the first `length` count."""

    def __init__(self, keys: Tensor) -> None:
        self.keys, self.values = keys, torch.zeros_like(keys)
        self.length = 0

    def check(self, batch: int, tokens: int) -> None:
        """Raise ValueError unless so many tokens of so many sequences fit."""
        batch_size, _, capacity, _ = self.keys.shape
        if batch != batch_size:
            raise ValueError(f"the cache holds {batch_size} sequences, not {batch}")
        if self.length + tokens > capacity:
            raise ValueError(f"{tokens} tokens after {self.length} do not fit into a capacity of {capacity}")

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add (B, H, T, D) each; all keys and values from the first token on, (B, H, S, D)."""
        start, end = self.length, self.length + keys.shape[2]
        self.keys[:, :, start:end] = keys
        self.values[:, :, start:end] = values
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]


class CachedAttention(nn.Module):
    """Causal self-attention with rotary positions that gives the same for a sequence at once and piece by piece."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        if min(d_model, num_heads) < 1 or d_model % (2 * num_heads) != 0:
            raise ValueError(f"d_model {d_model} and num_heads {num_heads}: heads need an even width")
        self.num_heads = num_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)

    def new_cache(self, batch_size: int, capacity: int) -> KVCache:
        """An empty cache in the dtype and on the device of the weights."""
        if min(batch_size, capacity) < 1:
            raise ValueError(f"batch_size {batch_size} and capacity {capacity} must be at least 1")
        width = self.k_proj.out_features // self.num_heads
        return KVCache(self.k_proj.weight.new_zeros(batch_size, self.num_heads, capacity, width))

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """(B, T, d_model) -> (B, T, d_model): whole sequences, or the next T tokens of those in `cache`."""
        if x.ndim != 3 or x.shape[-1] != self.q_proj.in_features:
            raise ValueError(f"x must be (B, T, {self.q_proj.in_features}), not {tuple(x.shape)}")
        if cache is not None:
            cache.check(*x.shape[:2])  # all that may fail, before anything is written
        past = 0 if cache is None else cache.length
        positions = past + torch.arange(x.shape[1], device=x.device)
        q = rotate(self.split_heads(self.q_proj(x)), positions)  # (B, H, T, D)
        k = rotate(self.split_heads(self.k_proj(x)), positions)
        v = self.split_heads(self.v_proj(x))
        if cache is not None:
            k, v = cache.append(k, v)  # (B, H, S, D)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (B, H, T, S)
        future = torch.arange(k.shape[2], device=x.device) > positions[:, None]  # (T, S)
        weights = scores.masked_fill(future, -math.inf).softmax(dim=-1)  # each token sees itself at least
        return self.out_proj((weights @ v).transpose(1, 2).flatten(start_dim=2))

    def split_heads(self, z: Tensor) -> Tensor:
        """(B, T, d_model) -> (B, H, T, D)."""
        return z.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
