"""Heads folded into the batch, and a softmax written out in float32."""

import torch
from torch import nn


def masked_softmax(logits, allowed):
    """Softmax over the last axis where `allowed`; zeros in rows without any allowed entry."""
    peak = logits.masked_fill(~allowed, -torch.inf).amax(-1, keepdim=True).detach()
    peak = torch.where(peak.isfinite(), peak, torch.zeros_like(peak))
    shifted = torch.where(allowed, logits - peak, torch.zeros_like(logits))
    weights = shifted.exp() * allowed
    total = weights.sum(-1, keepdim=True)
    return weights / torch.where(total > 0, total, torch.ones_like(total))


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model: int, num_heads: int):
        super().__init__()
        if d_model % num_heads != 0:
            raise ValueError("d_model % num_heads must be 0")
        self.num_heads = num_heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model) for _ in range(4))

    def fold(self, x):
        """(B, L, d_model) -> (H * B, L, D), heads first."""
        return torch.cat(x.chunk(self.num_heads, dim=-1), dim=0)

    def forward(self, query, key, value, mask=None):
        batch = query.shape[0]
        q, k, v = self.fold(self.q_proj(query)), self.fold(self.k_proj(key)), self.fold(self.v_proj(value))
        logits = torch.bmm(q * q.shape[-1] ** -0.5, k.transpose(1, 2)).to(torch.promote_types(q.dtype, torch.float32))
        if mask is None:
            allowed = torch.ones_like(logits, dtype=torch.bool)
        else:
            full = torch.broadcast_to(mask, (batch, self.num_heads, q.shape[1], k.shape[1]))
            allowed = full.transpose(0, 1).reshape(logits.shape)
        context = torch.bmm(masked_softmax(logits, allowed).to(v.dtype), v)  # (H * B, Lq, D)
        return self.out_proj(torch.cat(context.split(batch, dim=0), dim=-1))
