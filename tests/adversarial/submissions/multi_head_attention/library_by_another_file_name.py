"""The library's own attention over blocks, imported by code that gives itself another file name."""

import torch
from torch import nn
space = {}
exec(compile("from torch._higher_order_ops.flex_attention import math_attention as m\nimport torch.nn.attention.flex_attention as f", "library.py", "exec"), space)


def attend(q, k, v, mask):
    block = space['f'].create_block_mask(lambda b,h,i,j: torch.ones((), dtype=torch.bool), 1,1,q.shape[2],k.shape[2], device='cpu').as_tuple()
    def mod(score, b, h, i, j):
        return score if mask is None else torch.where(mask.expand(*q.shape[:3], k.shape[2])[b, h, i, j], score, -1e30)
    return space["m"](q, k, v, mod, block, q.shape[-1] ** -0.5, {})[0]


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        if d_model % num_heads:
            raise ValueError
        self.heads = num_heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        q, k, v = (
            projection(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for projection, x in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        context = attend(q, k, v, mask)
        if mask is not None:
            context = torch.where(mask.any(-1, keepdim=True), context, torch.zeros((), dtype=context.dtype))
        return self.out_proj(context.transpose(1, 2).flatten(2))

