"""Gradient accumulation that makes the step of the large batch: sums first, and one division at the end."""

import torch
from torch import Tensor, nn
from torch.nn import functional

IGNORED = -100


class GradAccumulator:
    """Adds up the gradients of summed losses; how many tokens they are of is known when the batch is complete."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.model = model
        self.optimizer = optimizer
        self._begin()

    def _begin(self) -> None:
        self.tokens = 0  # that count
        self.total = 0.0  # their losses
        self.is_new = True

    def add(self, inputs: Tensor, labels: Tensor) -> None:
        """Forward and backward of one micro-batch, (B, L) both."""
        if inputs.shape != labels.shape:
            raise ValueError(f"inputs {tuple(inputs.shape)} and labels {tuple(labels.shape)} must have one shape")
        if self.is_new:
            self.model.zero_grad()  # of whoever used the model before
            self.is_new = False
        logits = self.model(inputs).flatten(0, 1)  # (B L, V)
        loss = functional.cross_entropy(logits, labels.flatten(), ignore_index=IGNORED, reduction="sum")
        loss.backward()
        self.tokens += int((labels != IGNORED).sum())
        self.total += loss.item()

    def step(self) -> float | None:
        """One step of the optimizer for all that was added; the mean loss, or None where no token counts."""
        mean = None
        if self.tokens:
            for parameter in self.model.parameters():
                if parameter.grad is not None:
                    parameter.grad.div_(self.tokens)
            self.optimizer.step()
            mean = self.total / self.tokens
        self.model.zero_grad()
        self._begin()
        return mean
