"""Parts of its own for the norms, complex numbers for the rotation, and torch's fused attention."""

import torch
import torch.nn.functional as F
from torch import nn


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, z):
        exact = z.double()
        return (exact / (exact.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()).to(z.dtype) * self.weight


class TransformerBlock(nn.Module):
    def __init__(self, d_model, num_heads, d_ff):
        super().__init__()
        for number in (d_model, num_heads, d_ff):
            if number <= 0:
                raise ValueError("sizes must be positive")
        self.width, rest = divmod(d_model, num_heads)
        if rest or self.width % 2:
            raise ValueError("d_model must be an even multiple of num_heads")
        self.shape = d_model, num_heads
        for name in ("q", "k", "v", "out"):
            self.add_module(f"{name}_proj", nn.Linear(d_model, d_model, bias=False))
        self.gate_proj, self.up_proj = (nn.Linear(d_model, d_ff, bias=False) for _ in range(2))
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)
        self.attn_norm, self.ffn_norm = Scale(d_model), Scale(d_model)

    def forward(self, x, mask=None):
        d_model, heads = self.shape
        if x.dim() != 3 or x.size(2) != d_model:
            raise ValueError("x")
        batch, length, _ = x.shape
        if mask is not None and (mask.dtype is not torch.bool or tuple(mask.shape) != (batch, length)):
            raise ValueError("mask")
        if x.numel() == 0:
            return x.clone()
        normed = self.attn_norm(x)
        q, k, v = (
            layer(normed).reshape(batch, length, heads, self.width).permute(0, 2, 1, 3)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        angles = torch.outer(
            torch.arange(length, device=x.device).double(),
            10000.0 ** (-torch.arange(0, self.width, 2, device=x.device).double() / self.width),
        )
        turn = torch.polar(torch.ones_like(angles), angles)

        def turned(vectors):
            real, imaginary = vectors.double().chunk(2, -1)
            product = torch.complex(real, imaginary) * turn
            return torch.cat([product.real, product.imag], -1).to(x.dtype)

        sees = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()[None, None]
        if mask is not None:
            sees = sees & mask[:, None, None]
        # Rows that see nothing look at themselves instead, and are then set to zero.
        nothing = ~sees.any(-1, keepdim=True)
        heard = F.scaled_dot_product_attention(turned(q), turned(k), v, attn_mask=sees | nothing)
        heard = heard.masked_fill(nothing, 0.0)
        x = self.out_proj(heard.permute(0, 2, 1, 3).reshape(batch, length, d_model)) + x
        normed = self.ffn_norm(x)
        gate = self.gate_proj(normed)
        return self.down_proj(gate * gate.sigmoid() * self.up_proj(normed)) + x
