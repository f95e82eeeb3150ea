"""Head by head in a loop: each head adds to the residual through its own columns of `out_proj`, without a `cat`."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class Norm(nn.Module):
    """RMSNorm, worked out at least in float32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, z: Tensor) -> Tensor:
        wide = z.to(torch.promote_types(z.dtype, torch.float32))
        return (wide / (wide.square().mean(-1, keepdim=True) + 1e-6).sqrt()).to(z.dtype) * self.weight


def turn(x: Tensor) -> Tensor:
    """RoPE of one head, (B, L, D), at positions from 0."""
    length, half = x.shape[1], x.shape[2] // 2
    places = torch.arange(length, dtype=torch.float64, device=x.device)
    speeds = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angles = torch.outer(places, speeds)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.split(half, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


class TransformerBlock(nn.Module):
    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        super().__init__()
        if min(d_model, num_heads, d_ff) < 1 or d_model % (2 * num_heads):
            raise ValueError("sizes must be at least 1, and d_model divisible by 2 * num_heads")
        self.head_width = d_model // num_heads
        self.attn_norm, self.ffn_norm = Norm(d_model), Norm(d_model)
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=False))
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        d_model = self.out_proj.in_features
        if x.dim() != 3 or x.shape[-1] != d_model:
            raise ValueError(f"expected (B, L, {d_model}), got {tuple(x.shape)}")
        if mask is not None and (mask.dtype != torch.bool or mask.shape != x.shape[:2]):
            raise ValueError("the mask must be boolean, of shape (B, L)")

        length = x.shape[1]
        visible = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        if mask is not None:
            visible = visible & mask[:, None, :]

        z = self.attn_norm(x)
        h = x
        for start in range(0, d_model, self.head_width):
            h = h + self._head(z, visible, slice(start, start + self.head_width))
        z = self.ffn_norm(h)
        gate = self.gate_proj(z)
        return h + self.down_proj(gate * gate.sigmoid() * self.up_proj(z))

    def _head(self, z: Tensor, visible: Tensor, own: slice) -> Tensor:
        """What one head, which owns these columns, adds to the residual."""
        q = turn(linear(z, self.q_proj.weight[own]))
        k = turn(linear(z, self.k_proj.weight[own]))
        v = linear(z, self.v_proj.weight[own])
        scores = q @ k.mT * self.head_width**-0.5
        weights = scores.masked_fill(~visible, torch.finfo(scores.dtype).min).softmax(-1)
        return linear(weights.masked_fill(~visible, 0.0) @ v, self.out_proj.weight[:, own])
