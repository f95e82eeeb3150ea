"""Gradient accumulation: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
from torch import Tensor, nn


class GradAccumulator:
    """Makes of several micro-batches the one step that the large batch would have made."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """`model(inputs)` gives logits (B, L, V) for `inputs` (B, L)."""
        raise NotImplementedError

    def add(self, inputs: Tensor, labels: Tensor) -> None:
        """Forward and backward of one micro-batch, (B, L) both; labels of -100 do not count. ValueError: two shapes."""
        raise NotImplementedError

    def step(self) -> float | None:
        """One step of the optimizer for all that was added; the mean loss, or None where no token counts."""
        raise NotImplementedError
