"""One product with the stacked projections of queries, keys and values, and one turn of both queries and keys."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class TransformerBlock(nn.Module):
    """Pre-norm decoder block: causal attention with rotary positions, then a SwiGLU feed-forward layer."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        """ValueError unless all numbers are at least 1 and `2 * num_heads` divides `d_model`."""
        super().__init__()
        if min(d_model, num_heads, d_ff) < 1:
            raise ValueError("all sizes must be at least 1")
        if d_model % (2 * num_heads):
            raise ValueError("d_model must be divisible by 2 * num_heads")
        self.d_model, self.num_heads = d_model, num_heads
        self.attn_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.out_proj = nn.Linear(d_model, d_model, bias=False)
        self.ffn_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, L, d_model) -> (B, L, d_model); mask: bool, (B, L), False = padding. ValueError for other shapes."""
        if x.ndim != 3 or x.shape[2] != self.d_model:
            raise ValueError("x must be (B, L, d_model)")
        if mask is not None and (mask.dtype != torch.bool or mask.shape != x.shape[:2]):
            raise ValueError("mask must be boolean and (B, L)")
        if not x.numel():
            return x + 0
        h = x + self._attention(self.attn_norm(x), mask)
        z = self.ffn_norm(h)
        return h + self.down_proj(functional.silu(self.gate_proj(z)) * self.up_proj(z))

    def _attention(self, z: Tensor, mask: Tensor | None) -> Tensor:
        """All heads at once: queries, keys and values come from one product with the stacked projections."""
        batch, length, _ = z.shape
        stacked = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        parts = functional.linear(z, stacked).view(batch, length, 3 * self.num_heads, -1).transpose(1, 2)
        queries, keys, values = parts.chunk(3, dim=1)
        positions = torch.arange(length, device=z.device)
        turned = rotate(torch.cat([queries, keys], dim=1), positions)
        queries, keys = turned.chunk(2, dim=1)

        visible = (positions <= positions[:, None])[None]
        if mask is not None:
            visible = visible & mask[:, None]
        hidden = ~visible[:, None]
        scores = (queries / math.sqrt(queries.shape[-1])) @ keys.mT
        # Where a token sees nothing, its weights are made even first, so that no NaN arises, and then dropped.
        weights = scores.masked_fill(hidden, torch.finfo(z.dtype).min).softmax(-1).masked_fill(hidden, 0.0)
        return self.out_proj((weights @ values).transpose(1, 2).reshape(z.shape))


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
