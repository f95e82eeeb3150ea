"""A decoder-only language model with tied embeddings; a pass without a cache is one with a new cache.

Shapes: B sequences, L new tokens, T tokens so far, H heads of width D, d_model = H * D.
"""

import math

import torch
from torch import Tensor, nn


class Cache:
    """Keys and values of each layer, (B, H, T, D), or None before the first tokens."""

    def __init__(self, num_layers: int) -> None:
        self.length = 0
        self.held: list[tuple[Tensor, Tensor] | None] = [None] * num_layers


class Block(nn.Module):
    """Attention over what is kept and what is new, then a SwiGLU feed-forward layer."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.attn_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)
        self.ffn_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, h: Tensor, cache: Cache, layer: int) -> Tensor:
        """(B, L, d_model) -> (B, L, d_model); keys and values are added to the cache."""
        h = h + self.attend(self.attn_norm(h), cache, layer)
        z = self.ffn_norm(h)
        return h + self.down_proj(nn.functional.silu(self.gate_proj(z)) * self.up_proj(z))

    def attend(self, z: Tensor, cache: Cache, layer: int) -> Tensor:
        """New tokens attend to all that is kept and to the new ones up to themselves."""
        positions = torch.arange(cache.length, cache.length + z.shape[1], device=z.device)
        q = rotate(self.split_heads(self.q_proj(z)), positions)  # (B, H, L, D)
        k = rotate(self.split_heads(self.k_proj(z)), positions)
        v = self.split_heads(self.v_proj(z))
        if cache.held[layer] is not None:
            k, v = (torch.cat(both, dim=2) for both in zip(cache.held[layer], (k, v), strict=True))  # (B, H, T, D)
        cache.held[layer] = k, v
        scores = q @ k.mT / math.sqrt(q.shape[-1])  # (B, H, L, T)
        future = torch.arange(k.shape[2], device=z.device) > positions[:, None]  # (L, T)
        weights = scores.masked_fill(future, -math.inf).softmax(dim=-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(start_dim=2))

    def split_heads(self, z: Tensor) -> Tensor:
        """(B, L, d_model) -> (B, H, L, D)."""
        return z.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


class TinyGPT(nn.Module):
    """Decoder-only language model: tied embeddings, pre-norm blocks with rotary positions, a cache."""

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, d_ff: int, num_layers: int) -> None:
        super().__init__()
        if min(vocab_size, d_model, num_heads, d_ff, num_layers) < 1 or d_model % (2 * num_heads) != 0:
            raise ValueError("all sizes must be at least 1, and heads need an even width")
        self.embed = nn.Embedding(vocab_size, d_model)
        self.layers = nn.ModuleList(Block(d_model, num_heads, d_ff) for _ in range(num_layers))
        self.final_norm = nn.RMSNorm(d_model, eps=1e-6)

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """(B, L) -> logits (B, L, vocab_size)."""
        cache = self.new_cache() if cache is None else cache
        self.check(tokens, cache)
        h = self.embed(tokens)
        for number, layer in enumerate(self.layers):
            h = layer(h, cache, number)
        cache.length += tokens.shape[1]  # only now: all layers see the same positions
        return self.final_norm(h) @ self.embed.weight.T

    def new_cache(self) -> Cache:
        """An empty cache."""
        return Cache(len(self.layers))

    @torch.no_grad()
    def generate(self, tokens: Tensor, max_new_tokens: int) -> Tensor:
        """The prompt goes through once, then each new token alone: (B, L + max_new_tokens)."""
        cache = self.new_cache()
        self.check(tokens, cache)
        if max_new_tokens < 0:
            raise ValueError(f"max_new_tokens must not be negative, but is {max_new_tokens}")
        parts = [tokens]
        for _ in range(max_new_tokens):
            logits = self(parts[-1], cache)[:, -1]
            parts.append(logits.argmax(dim=-1, keepdim=True))
        return torch.cat(parts, dim=1)

    def check(self, tokens: Tensor, cache: Cache) -> None:
        """Raise ValueError before anything is written to the cache."""
        if tokens.ndim != 2 or tokens.numel() == 0:
            raise ValueError(f"tokens must be (B, L) and not empty, not {tuple(tokens.shape)}")
        if (tokens < 0).any() or (tokens >= self.embed.num_embeddings).any():
            raise ValueError(f"tokens must be from 0 to {self.embed.num_embeddings - 1}")
        if cache.held[0] is not None and len(cache.held[0][0]) != len(tokens):
            raise ValueError(f"the cache holds {len(cache.held[0][0])} sequences, not {len(tokens)}")


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
