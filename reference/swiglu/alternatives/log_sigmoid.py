"""The gate is the exponential of `logsigmoid`, and half precision is widened to `float32` from end to end."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, logsigmoid


class SwiGLU(nn.Module):
    def __init__(self, dim: int, hidden_dim: int | None = None, multiple_of: int = 1) -> None:
        super().__init__()
        if dim < 1 or multiple_of < 1 or (hidden_dim is not None and hidden_dim < 1):
            raise ValueError("dim, hidden_dim and multiple_of must be at least 1")
        if hidden_dim is None:
            blocks, rest = divmod(8 * dim // 3, multiple_of)
            hidden_dim = (blocks + (rest > 0)) * multiple_of
        self.gate_proj = nn.Linear(dim, hidden_dim, bias=False)
        self.up_proj = nn.Linear(dim, hidden_dim, bias=False)
        self.down_proj = nn.Linear(hidden_dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 0 or x.shape[-1] != self.gate_proj.in_features:
            raise ValueError(f"the last axis must have length {self.gate_proj.in_features}")
        work = torch.promote_types(x.dtype, torch.float32)
        gate, up, down = (layer.weight.to(work) for layer in (self.gate_proj, self.up_proj, self.down_proj))
        z = linear(x.to(work), gate)
        return linear(z * logsigmoid(z).exp() * linear(x.to(work), up), down).to(x.dtype)
