"""`forward` composes one weight out of the frozen one and the product, and applies that as an ordinary layer."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LoRALinear(nn.Module):
    """A frozen linear layer plus a trained low-rank product."""

    def __init__(self, in_features: int, out_features: int, rank: int, alpha: float, bias: bool = True) -> None:
        super().__init__()
        if min(in_features, out_features, rank) < 1:
            raise ValueError("all sizes must be at least 1")
        if not 0 < alpha < math.inf:
            raise ValueError("alpha must be finite and positive")
        self.in_features = in_features
        self.scale = alpha / rank
        self.merged = False
        bound = 1 / math.sqrt(in_features)
        self.weight = _parameter(torch.empty(out_features, in_features).uniform_(-bound, bound), trained=False)
        self.register_parameter("bias", _parameter(torch.zeros(out_features), trained=False) if bias else None)
        self.lora_A = _parameter(bound * torch.randn(rank, in_features), trained=True)
        self.lora_B = _parameter(torch.zeros(out_features, rank), trained=True)

    def forward(self, x: Tensor) -> Tensor:
        """(…, in_features) -> (…, out_features)."""
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ValueError(f"the last axis must have length {self.in_features}")
        return F.linear(x, self.weight if self.merged else self.weight + self._product(), self.bias)

    def merge(self) -> None:
        """Add the scaled product to `weight`, once."""
        self._set_merged(True)

    def unmerge(self) -> None:
        """Take it away again."""
        self._set_merged(False)

    def _set_merged(self, merged: bool) -> None:
        if merged != self.merged:
            with torch.no_grad():
                self.weight.add_(self._product(), alpha=1 if merged else -1)
            self.merged = merged

    def _product(self) -> Tensor:
        return self.scale * (self.lora_B @ self.lora_A)


def _parameter(value: Tensor, trained: bool) -> nn.Parameter:
    return nn.Parameter(value, requires_grad=trained)
