"""The sigmoid written out, with an exponential of nothing positive; half precision left for float32 in between."""

import torch
from torch import nn


def _silu(z):
    small = torch.exp(-z.abs())
    return z * torch.where(z >= 0, torch.ones_like(z), small) / (1 + small)


class SwiGLU(nn.Module):
    def __init__(self, dim, hidden_dim=None, multiple_of=1):
        super().__init__()
        if min(dim, multiple_of) < 1 or (hidden_dim is not None and hidden_dim < 1):
            raise ValueError("dim, hidden_dim and multiple_of must be 1 or more")
        width = hidden_dim
        if width is None:
            width = dim * 8 // 3
            while width % multiple_of:
                width += 1
        shapes = {"gate_proj": (dim, width), "up_proj": (dim, width), "down_proj": (width, dim)}
        for name, shape in shapes.items():
            self.add_module(name, nn.Linear(*shape, bias=False))

    def forward(self, x):
        down, dim = self.down_proj.weight, self.down_proj.out_features
        if x.ndim == 0 or x.shape[-1] != dim:
            raise ValueError(f"x must end in an axis of length {dim}")
        wide = torch.float64 if x.dtype == torch.float64 else torch.float32
        rows = x.reshape(-1, dim).to(wide)
        gate, up = (torch.einsum("nd,hd->nh", rows, one.weight.to(wide)) for one in (self.gate_proj, self.up_proj))
        return torch.einsum("nh,dh->nd", _silu(gate) * up, down.to(wide)).to(x.dtype).reshape(x.shape)
