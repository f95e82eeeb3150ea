"""Layers are plain dictionaries of modules; a forward only reads the cache, and exchanges its contents at the end."""

import torch
from torch import Tensor, nn
from torch.nn.functional import silu


class Cache:
    """Rotated keys and values of each layer, (B, H, length, D)."""

    def __init__(self) -> None:
        self.layers: list[tuple[Tensor, Tensor]] = []

    @property
    def length(self) -> int:
        return self.layers[0][0].shape[2] if self.layers else 0


class TinyGPT(nn.Module):
    """Decoder-only language model: tied embeddings, pre-norm blocks with rotary positions, a cache."""

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, d_ff: int, num_layers: int) -> None:
        super().__init__()
        if min(vocab_size, d_model, num_heads, d_ff, num_layers) < 1 or d_model % (2 * num_heads):
            raise ValueError("sizes must be at least 1, and 2 * num_heads must divide d_model")
        self.num_heads = num_heads
        self.embed = nn.Embedding(vocab_size, d_model)
        self.layers = nn.ModuleList(_layer(d_model, d_ff) for _ in range(num_layers))
        self.final_norm = nn.RMSNorm(d_model, eps=1e-6)

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """Logits (B, L, vocab_size) of int64 tokens (B, L): whole sequences, or the next of those in `cache`."""
        self._check(tokens, cache)
        past = cache.layers if cache is not None and cache.layers else [None] * len(self.layers)
        start = cache.length if cache is not None else 0
        positions = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        h = self.embed(tokens)
        seen = []
        for layer, before in zip(self.layers, past, strict=True):
            mixed, keys, values = self._attend(layer, layer["attn_norm"](h), positions, before)
            h = h + mixed
            z = layer["ffn_norm"](h)
            h = h + layer["down_proj"](silu(layer["gate_proj"](z)) * layer["up_proj"](z))
            seen.append((keys.detach(), values.detach()))
        logits = self.final_norm(h) @ self.embed.weight.mT
        if cache is not None:
            cache.layers = seen
        return logits

    def new_cache(self) -> Cache:
        """An empty cache; its `length` says how many tokens it holds of each sequence."""
        return Cache()

    @torch.no_grad()
    def generate(self, tokens: Tensor, max_new_tokens: int) -> Tensor:
        """`tokens` and so many more, each the one with the largest logit: (B, L + max_new_tokens)."""
        self._check(tokens, None)
        if max_new_tokens < 0:
            raise ValueError("max_new_tokens must not be negative")
        text, cache = [tokens], self.new_cache()
        for _ in range(max_new_tokens):
            text.append(self(text[-1], cache)[:, -1:].argmax(-1))
        return torch.cat(text, dim=1)

    def _check(self, tokens: Tensor, cache: Cache | None) -> None:
        if tokens.ndim != 2 or tokens.numel() == 0:
            raise ValueError("tokens must be a matrix with elements")
        if tokens.min() < 0 or tokens.max() >= self.embed.num_embeddings:
            raise ValueError("a token is outside of the vocabulary")
        if cache is not None and cache.layers and cache.layers[0][0].shape[0] != tokens.shape[0]:
            raise ValueError("the cache holds another number of sequences")

    def _attend(
        self, layer: nn.ModuleDict, z: Tensor, positions: Tensor, before: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What attention adds, and all keys and values so far."""
        q, k, v = (
            layer[name](z).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            for name in ("q_proj", "k_proj", "v_proj")
        )
        q, k = rotate(q, positions), rotate(k, positions)
        if before is not None:
            k, v = torch.cat([before[0], k], dim=2), torch.cat([before[1], v], dim=2)
        scores = q @ k.mT / q.shape[-1] ** 0.5
        future = torch.arange(k.shape[2], device=z.device) > positions[:, None]
        weights = scores.masked_fill(future, -torch.inf).softmax(-1)
        return layer["out_proj"]((weights @ v).transpose(1, 2).flatten(2)), k, v


def _layer(d_model: int, d_ff: int) -> nn.ModuleDict:
    norms = {name: nn.RMSNorm(d_model, eps=1e-6) for name in ("attn_norm", "ffn_norm")}
    sizes = dict.fromkeys(("q_proj", "k_proj", "v_proj", "out_proj"), (d_model, d_model))
    sizes |= {"gate_proj": (d_model, d_ff), "up_proj": (d_model, d_ff), "down_proj": (d_ff, d_model)}
    return nn.ModuleDict(norms | {name: nn.Linear(*size, bias=False) for name, size in sizes.items()})


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
