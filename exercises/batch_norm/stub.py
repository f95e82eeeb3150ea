"""Batch normalization: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor, nn


class BatchNorm(nn.Module):
    """Standardizes each channel by the batch in training, and by running statistics in evaluation."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True) -> None:
        """Make parameters and buffers; ValueError for unsound arguments."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """(N, C), (N, C, L) or (N, C, H, W) -> the same; ValueError for other shapes and for too few values."""
        raise NotImplementedError
