"""Keys and values of all layers live in one growing pair of buffers, and an additive bias of positions hides the future."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class RMSNorm(nn.Module):
    """Divides by the root of the mean square, and scales element by element."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, z: Tensor) -> Tensor:
        return z * (z.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * self.weight


class Cache:
    """Keys and values, (2, layers, B, H, room, D), of which the first `length` places are filled."""

    def __init__(self) -> None:
        self.length = 0
        self.buffer: Tensor | None = None

    def batch(self) -> int | None:
        """How many sequences it holds; None before the first token."""
        return self.buffer.shape[2] if self.buffer is not None else None

    def reserve(self, shape: tuple[int, ...], places: int, like: Tensor) -> None:
        """Make room for so many more places, twice as much as there is if it does not fit."""
        layers, batch, heads, width = shape
        room = self.buffer.shape[4] if self.buffer is not None else 0
        if self.length + places <= room:
            return
        larger = like.new_zeros(2, layers, batch, heads, max(2 * room, self.length + places), width)
        if self.buffer is not None:
            larger[..., : self.length, :] = self.buffer[..., : self.length, :]
        self.buffer = larger

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write behind what is held; all keys and values of this layer up to there. `length` does not change yet."""
        end = self.length + keys.shape[2]
        self.buffer[0, layer, :, :, self.length : end] = keys
        self.buffer[1, layer, :, :, self.length : end] = values
        return self.buffer[0, layer, :, :, :end], self.buffer[1, layer, :, :, :end]


class Layer(nn.Module):
    """Pre-norm attention with rotary positions, then a gated feed-forward network."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.attn_norm, self.ffn_norm = RMSNorm(d_model), RMSNorm(d_model)
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=False))
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def heads(self, z: Tensor) -> Tensor:
        return z.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(self, h: Tensor, positions: Tensor, bias: Tensor, extend: Any) -> Tensor:
        z = self.attn_norm(h)
        queries = rotate(self.heads(self.q_proj(z)), positions)
        keys, values = extend(rotate(self.heads(self.k_proj(z)), positions), self.heads(self.v_proj(z)))
        scores = torch.einsum("bhid,bhjd->bhij", queries, keys) / math.sqrt(queries.shape[-1]) + bias
        mixed = torch.einsum("bhij,bhjd->bihd", scores.softmax(-1), values)
        h = h + self.out_proj(mixed.flatten(2))
        z = self.ffn_norm(h)
        return h + self.down_proj(functional.silu(self.gate_proj(z)) * self.up_proj(z))


class TinyGPT(nn.Module):
    """Decoder-only language model: tied embeddings, pre-norm blocks with rotary positions, a cache."""

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, d_ff: int, num_layers: int) -> None:
        super().__init__()
        if min(vocab_size, d_model, num_heads, d_ff, num_layers) < 1:
            raise ValueError("all sizes must be at least 1")
        if d_model % (2 * num_heads):
            raise ValueError("d_model must be divisible by 2 * num_heads")
        self.embed = nn.Embedding(vocab_size, d_model)
        self.layers = nn.ModuleList(Layer(d_model, num_heads, d_ff) for _ in range(num_layers))
        self.final_norm = RMSNorm(d_model)

    def _check(self, tokens: Tensor) -> None:
        if tokens.ndim != 2 or not tokens.numel():
            raise ValueError("tokens need two axes, and elements")
        if tokens.min() < 0 or tokens.max() >= self.embed.num_embeddings:
            raise ValueError("tokens must be in the vocabulary")

    def forward(self, tokens: Tensor, cache: Any = None) -> Tensor:
        self._check(tokens)
        if cache is not None and cache.length and cache.batch() != len(tokens):
            raise ValueError("the cache holds another number of sequences")
        h = self.embed(tokens)
        if cache is None:
            return self._logits(h, 0, [lambda keys, values: (keys, values)] * len(self.layers))
        with torch.no_grad():
            heads = self.layers[0].num_heads
            shape = (len(self.layers), len(tokens), heads, h.shape[-1] // heads)
            cache.reserve(shape, tokens.shape[1], h)
            extends = [
                lambda keys, values, layer=layer: cache.extend(layer, keys, values) for layer in range(len(self.layers))
            ]
            logits = self._logits(h, cache.length, extends)
        cache.length += tokens.shape[1]
        return logits

    def _logits(self, h: Tensor, before: int, extends: list[Any]) -> Tensor:
        """Logits of vectors (B, L, d_model) that have so many tokens before them."""
        places = torch.arange(before + h.shape[1], device=h.device)
        positions = places[before:]
        bias = h.new_zeros(len(positions), len(places)).masked_fill(places > positions[:, None], -math.inf)
        for layer, extend in zip(self.layers, extends, strict=True):
            h = layer(h, positions, bias, extend)
        return self.final_norm(h) @ self.embed.weight.T

    def new_cache(self) -> Cache:
        return Cache()

    @torch.no_grad()
    def generate(self, tokens: Tensor, max_new_tokens: int) -> Tensor:
        self._check(tokens)
        if max_new_tokens < 0:
            raise ValueError("max_new_tokens must not be negative")
        cache, text = self.new_cache(), tokens.clone()
        fresh = text
        for _ in range(max_new_tokens):
            fresh = self(fresh, cache)[:, -1:].argmax(-1)
            text = torch.cat([text, fresh], dim=1)
        return text


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
