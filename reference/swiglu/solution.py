"""SwiGLU (Shazeer 2020): a feed-forward layer in which one projection of the input gates another.

Shapes: D = dim, H = the hidden width.
"""

import torch
from torch import Tensor, nn


class SwiGLU(nn.Module):
    """Feed-forward layer with a silu gate: down_proj(silu(gate_proj(x)) * up_proj(x)), without biases."""

    def __init__(self, dim: int, hidden_dim: int | None = None, multiple_of: int = 1) -> None:
        super().__init__()
        if dim < 1 or multiple_of < 1 or (hidden_dim is not None and hidden_dim < 1):
            raise ValueError(f"dim {dim}, hidden_dim {hidden_dim} and multiple_of {multiple_of} must be at least 1")
        # Three matrices of width 8/3 · D have as many parameters as two of width 4 · D.
        width = _round_up(8 * dim // 3, multiple_of) if hidden_dim is None else hidden_dim
        self.gate_proj = nn.Linear(dim, width, bias=False)
        self.up_proj = nn.Linear(dim, width, bias=False)
        self.down_proj = nn.Linear(width, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) -> (…, D) in the dtype of `x`."""
        dim = self.gate_proj.in_features
        if x.shape[-1:] != (dim,):
            raise ValueError(f"the last axis of x, {tuple(x.shape)}, must have length {dim}")
        gate = self.gate_proj(x)  # (…, H)
        # The sigmoid stays finite for any z, forward and backward, where exp(-z) overflows.
        hidden = gate * torch.sigmoid(gate) * self.up_proj(x)  # (…, H)
        return self.down_proj(hidden)


def _round_up(number: int, multiple_of: int) -> int:
    """The smallest multiple that is at least `number`."""
    return -(-number // multiple_of) * multiple_of
