"""One head after the other, on slices of the columns; blind rows become NaN for a moment and are cleaned up."""

import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        if d_model % num_heads:
            raise ValueError("num_heads must divide d_model")
        super().__init__()
        self.d_model, self.num_heads = d_model, num_heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(d_model, d_model))

    def forward(self, query, key, value, mask=None):
        q, k, v = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        batch, lq, lk = query.size(0), query.size(1), key.size(1)
        if mask is None:
            mask = torch.ones((), dtype=torch.bool, device=query.device)
        mask = mask.expand(batch, self.num_heads, lq, lk)
        width = self.d_model // self.num_heads
        heads = []
        for h in range(self.num_heads):
            columns = slice(h * width, (h + 1) * width)
            logits = torch.bmm(q[..., columns], k[..., columns].mT) * width**-0.5  # (B, Lq, Lk)
            # `where` sends no gradient to the entries it replaces, so the NaN of a blind row stops here.
            logits = torch.where(mask[:, h], logits, torch.tensor(float("-inf"), dtype=logits.dtype))
            heads.append(torch.softmax(logits, dim=-1).nan_to_num(nan=0.0) @ v[..., columns])
        return self.out_proj(torch.cat(heads, dim=-1))
