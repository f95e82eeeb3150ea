"""Gate and up as one matrix product, silu through tanh."""

import math

import torch
import torch.nn.functional as F


class SwiGLU(torch.nn.Module):
    def __init__(self, dim, hidden_dim=None, multiple_of=1):
        for number in (dim, multiple_of, 1 if hidden_dim is None else hidden_dim):
            if number <= 0:
                raise ValueError("sizes must be positive")
        if hidden_dim is None:
            hidden_dim = math.ceil(int(2 * (4 * dim) / 3) / multiple_of) * multiple_of
        super().__init__()
        self.dim = dim
        for name in ("gate_proj", "up_proj"):
            setattr(self, name, torch.nn.Linear(dim, hidden_dim, bias=False))
        self.down_proj = torch.nn.Linear(hidden_dim, dim, bias=False)

    def forward(self, x):
        if x.dim() < 1 or x.size(-1) != self.dim:
            raise ValueError("last axis")
        both = F.linear(x, torch.cat([self.gate_proj.weight, self.up_proj.weight]))
        gate, up = both.chunk(2, dim=-1)
        silu = gate * (torch.tanh(gate / 2) + 1) / 2
        return F.linear(silu * up, self.down_proj.weight)
