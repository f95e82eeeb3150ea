"""Einsum with the head axis left where the reshape puts it; the mask is added to the logits."""

import math

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.dk, remainder = divmod(d_model, num_heads)
        if remainder:
            raise ValueError(f"{d_model} columns cannot be shared by {num_heads} heads")
        self.h = num_heads
        self.out_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.q_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        b = query.shape[0]
        q = self.q_proj(query).view(b, -1, self.h, self.dk)
        k = self.k_proj(key).view(b, -1, self.h, self.dk)
        v = self.v_proj(value).view(b, -1, self.h, self.dk)
        attn = torch.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(self.dk)
        if mask is not None:
            allowed = mask.to(attn.dtype)
            # Masked logits go first: a large one would outweigh the fill in float16, or make an infinity of it.
            attn = attn * allowed + (1.0 - allowed) * torch.finfo(attn.dtype).min
            attn = torch.softmax(attn, dim=-1) * allowed
        else:
            attn = torch.softmax(attn, dim=-1)
        out = torch.einsum("bhqk,bkhd->bqhd", attn, v)
        return self.out_proj(out.reshape(b, -1, self.h * self.dk))
