"""One mistake: a query that may attend to nothing gets a row of -inf, whose softmax is NaN."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        if d_model % num_heads != 0:
            raise ValueError("d_model must be a multiple of num_heads")
        self.h = num_heads
        self.d = d_model // num_heads
        for name in ["q_proj", "k_proj", "v_proj", "out_proj"]:
            self.add_module(name, nn.Linear(d_model, d_model))

    def forward(self, query, key, value, mask=None):
        B, Lq, d_model = query.shape
        Lk = key.shape[1]
        q = self.q_proj(query).view(B, Lq, self.h, self.d).permute(0, 2, 1, 3)
        k = self.k_proj(key).view(B, Lk, self.h, self.d).permute(0, 2, 3, 1)
        v = self.v_proj(value).view(B, Lk, self.h, self.d).permute(0, 2, 1, 3)

        scores = torch.matmul(q, k) / math.sqrt(self.d)
        if mask is not None:
            scores = scores.masked_fill(mask.logical_not(), -math.inf)
        attn = F.softmax(scores, dim=-1)

        out = torch.matmul(attn, v).permute(0, 2, 1, 3).contiguous().view(B, Lq, d_model)
        return self.out_proj(out)
