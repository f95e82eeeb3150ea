"""SwiGLU feed-forward layer: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor, nn


class SwiGLU(nn.Module):
    """Feed-forward layer with a silu gate: down_proj(silu(gate_proj(x)) * up_proj(x)), without biases."""

    def __init__(self, dim: int, hidden_dim: int | None = None, multiple_of: int = 1) -> None:
        """Make `gate_proj`, `up_proj` and `down_proj`; ValueError for a number below 1.

        Without `hidden_dim`, the width is 8 * dim // 3, rounded up to a multiple of `multiple_of`.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """(…, dim) -> (…, dim) in the dtype of `x`; ValueError unless the last axis has length `dim`."""
        raise NotImplementedError
