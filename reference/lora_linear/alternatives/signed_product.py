"""One signed in-place product, `addmm_`, both merges and unmerges; no copy of the weight is kept."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class LoRALinear(nn.Module):
    def __init__(self, in_features: int, out_features: int, rank: int, alpha: float, bias: bool = True) -> None:
        super().__init__()
        if min(in_features, out_features, rank) < 1:
            raise ValueError("sizes must be at least 1")
        if not (math.isfinite(alpha) and alpha > 0):
            raise ValueError("alpha must be finite and greater than 0")
        self.scale = alpha / rank
        self.merged = False
        spread = in_features**-0.5
        self.weight = nn.Parameter(torch.randn(out_features, in_features) * spread, requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(out_features), requires_grad=False) if bias else None
        self.lora_A = nn.Parameter(torch.randn(rank, in_features) * spread)
        self.lora_B = nn.Parameter(torch.zeros(out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 0 or x.shape[-1] != self.weight.shape[1]:
            raise ValueError(f"expected (..., {self.weight.shape[1]}), got {tuple(x.shape)}")
        y = linear(x, self.weight, self.bias)
        return y if self.merged else y + linear(linear(x, self.lora_A), self.scale * self.lora_B)

    def merge(self) -> None:
        self._become(True)

    def unmerge(self) -> None:
        self._become(False)

    @torch.no_grad()
    def _become(self, merged: bool) -> None:
        sign = int(merged) - int(self.merged)
        if sign:
            self.weight.addmm_(self.lora_B, self.lora_A, alpha=sign * self.scale)
        self.merged = merged
