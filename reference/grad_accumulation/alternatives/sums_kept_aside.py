"""Sums of gradients are kept aside with `torch.autograd.grad`; `.grad` is written once, for the step, and then cleared."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

IGNORED = -100


class GradAccumulator:
    """Makes of several micro-batches the one step that the large batch would have made."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.model = model
        self.optimizer = optimizer
        self._start()

    def _start(self) -> None:
        self.sums: dict[nn.Parameter, Tensor] = {}
        self.loss = 0.0
        self.count = 0

    def add(self, inputs: Tensor, labels: Tensor) -> None:
        """Forward and backward of one micro-batch."""
        if inputs.shape != labels.shape:
            raise ValueError(f"inputs {tuple(inputs.shape)} and labels {tuple(labels.shape)} differ")
        count = int((labels != IGNORED).sum())
        if count == 0:
            return
        trained = [p for p in self.model.parameters() if p.requires_grad]
        with torch.enable_grad():
            logits = self.model(inputs)
            loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum")
        if loss.requires_grad:
            for p, gradient in zip(trained, torch.autograd.grad(loss, trained, allow_unused=True), strict=True):
                if gradient is not None:
                    self.sums[p] = self.sums[p] + gradient if p in self.sums else gradient
        self.loss += loss.item()
        self.count += count

    def step(self) -> float | None:
        """One step of the optimizer; the mean loss, or None where no token counts."""
        mean = None
        self._clear()
        if self.count:
            mean = self.loss / self.count
            for p, total in self.sums.items():
                p.grad = total / self.count
            self.optimizer.step()
            self._clear()
        self._start()
        return mean

    def _clear(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        for p in self.model.parameters():
            p.grad = None
