"""The decoder block of the Llama family (Touvron et al. 2023, section 2.2): norm first, residuals untouched.

Shapes: B items, L tokens, H heads of width D, and d_model = H * D.
"""

import math

import torch
from torch import Tensor, nn


class TransformerBlock(nn.Module):
    """Pre-norm decoder block: causal attention with rotary positions, then a SwiGLU feed-forward layer."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        super().__init__()
        if min(d_model, num_heads, d_ff) < 1 or d_model % (2 * num_heads) != 0:
            raise ValueError(f"d_model {d_model}, num_heads {num_heads}, d_ff {d_ff}: heads need an even width")
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

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, L, d_model) -> (B, L, d_model); False in `mask`, (B, L), is padding."""
        width = self.q_proj.in_features
        if x.ndim != 3 or x.shape[-1] != width:
            raise ValueError(f"x must be (B, L, {width}), not {tuple(x.shape)}")
        if mask is not None and (mask.dtype != torch.bool or mask.shape != x.shape[:2]):
            raise ValueError(f"mask must be boolean and {tuple(x.shape[:2])}, not {mask.dtype} {tuple(mask.shape)}")
        # What is added to never goes through a norm, so that the gradient has a straight way down.
        h = x + self.attend(self.attn_norm(x), mask)
        return h + self.feed_forward(self.ffn_norm(h))

    def attend(self, z: Tensor, mask: Tensor | None) -> Tensor:
        """Causal self-attention that leaves padding out: (B, L, d_model) -> (B, L, d_model)."""
        length = z.shape[1]
        positions = torch.arange(length, device=z.device)
        q = rotate(self.split_heads(self.q_proj(z)), positions)  # (B, H, L, D)
        k = rotate(self.split_heads(self.k_proj(z)), positions)
        v = self.split_heads(self.v_proj(z))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (B, H, L, L)
        hidden = positions > positions[:, None]  # (L, L): keys of the future
        if mask is not None:
            hidden = hidden | ~mask[:, None, None, :]  # (B, 1, L, L)
        # A row that sees nothing is uniform after the softmax, and zeros after the second fill.
        lowest = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(hidden, lowest).softmax(dim=-1).masked_fill(hidden, 0.0)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(start_dim=2))

    def split_heads(self, z: Tensor) -> Tensor:
        """(B, L, d_model) -> (B, H, L, D)."""
        return z.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def feed_forward(self, z: Tensor) -> Tensor:
        """SwiGLU: (B, L, d_model) -> (B, L, d_model)."""
        return self.down_proj(nn.functional.silu(self.gate_proj(z)) * self.up_proj(z))


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """RoPE: turn vectors (B, H, L, D), D even, at int64 positions (L,)."""
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = positions[:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
