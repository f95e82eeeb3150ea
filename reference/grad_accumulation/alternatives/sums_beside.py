"""Sums are kept beside the model, from `torch.autograd.grad`; `.grad` is written just before the optimizer steps."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

IGNORED = -100


class GradAccumulator:
    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        self._begin()

    def _begin(self) -> None:
        self._sums: dict[nn.Parameter, Tensor] = {}
        self._loss = 0.0
        self._count = 0

    def add(self, inputs: Tensor, labels: Tensor) -> None:
        if inputs.shape != labels.shape:
            raise ValueError("inputs and labels differ in shape")
        logits = self.model(inputs)
        count = int((labels != IGNORED).sum())
        if count == 0:
            return
        loss = cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum")
        trained = [p for p in self.model.parameters() if p.requires_grad]
        for p, gradient in zip(trained, torch.autograd.grad(loss, trained, allow_unused=True), strict=True):
            if gradient is not None:
                self._sums[p] = self._sums[p] + gradient if p in self._sums else gradient
        self._loss += loss.item()
        self._count += count

    def step(self) -> float | None:
        sums, loss, count = self._sums, self._loss, self._count
        self._begin()
        held = {p for group in self.optimizer.param_groups for p in group["params"]} | set(self.model.parameters())
        if count:
            for p in held:
                p.grad = sums[p] / count if p in sums else None
            self.optimizer.step()
        for p in held:
            p.grad = None
        return loss / count if count else None
