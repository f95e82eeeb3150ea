"""Multi-head attention; a query that may see nothing is let see everything for the softmax, and zeroed afterwards."""

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model: int, num_heads: int):
        super().__init__()
        if d_model % num_heads:
            raise ValueError(f"{num_heads} heads cannot share {d_model} columns equally")
        self.num_heads = num_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        q, k, v = (
            self.per_head(projection(x))
            for projection, x in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        context = attend(q, k, v, mask)  # (B, H, Lq, D)
        return self.out_proj(context.movedim(1, 2).reshape(query.shape))

    def per_head(self, x):
        b, length, width = x.shape
        return x.reshape(b, length, self.num_heads, width // self.num_heads).movedim(2, 1)


def attend(q, k, v, mask):
    """(B, H, Lq, D), (B, H, Lk, D), (B, H, Lk, D) -> (B, H, Lq, D)."""
    # Scaling before the product keeps float16 further from its largest number.
    logits = (q / q.shape[-1] ** 0.5) @ k.mT  # (B, H, Lq, Lk)
    if mask is None:
        return logits.softmax(-1) @ v
    sighted = mask.any(-1, keepdim=True)
    hidden = sighted & ~mask  # never a whole row, so that no row of the softmax is 0 / 0
    weights = logits.masked_fill(hidden, float("-inf")).softmax(-1)
    return (weights @ v).masked_fill(~sighted, 0.0)
