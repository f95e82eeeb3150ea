"""Copies the library's own function out of its source file and executes the copy."""

import ast
import inspect
import math
import os

import torch
from torch import nn

FOLDER = os.path.dirname(inspect.getsourcefile(nn.Linear))
TEXT = open(os.path.join(FOLDER, "..", "functional.py")).read()
TREE = ast.parse(TEXT)
WANTED = ("multi_head_attention_forward", "_mha_shape_check", "_canonical_mask", "_none_or_dtype", "_in_projection_packed")
TREE.body = [node for node in TREE.body if getattr(node, "name", None) in WANTED]
SPACE = dict(vars(torch.nn.functional), math=math)
exec(compile("from __future__ import annotations\n" + ast.unparse(TREE), "functional.py", "exec"), SPACE)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        if d_model % num_heads:
            raise ValueError
        self.heads = num_heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        b, lq, d = query.shape
        if mask is not None:
            mask = ~mask.expand(b, self.heads, lq, key.shape[1]).reshape(b * self.heads, lq, -1)
        first = [p.weight for p in (self.q_proj, self.k_proj, self.v_proj)]
        bias = torch.cat([p.bias for p in (self.q_proj, self.k_proj, self.v_proj)])
        out, _ = SPACE["multi_head_attention_forward"](
            query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1), d, self.heads, torch.cat(first), bias,
            None, None, False, 0.0, self.out_proj.weight, self.out_proj.bias, attn_mask=mask, need_weights=True,
        )  # fmt: skip
        return out.transpose(0, 1)
