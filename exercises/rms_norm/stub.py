"""RMSNorm: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor, nn


class RMSNorm(nn.Module):
    """Divides every vector along the last axis by its root mean square, and multiplies it by a learned weight."""

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        """Make `weight`, (dim,), of ones; ValueError for a `dim` below 1 or an `eps` that is not finite and positive."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """(…, dim) -> (…, dim) in the dtype of `x`; ValueError unless the last axis has length `dim`."""
        raise NotImplementedError
