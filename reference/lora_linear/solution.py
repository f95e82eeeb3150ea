"""LoRA (Hu et al. 2021): a frozen linear layer plus a trained product of two thin matrices, which can be merged.

Shapes: I = in_features, O = out_features, R = rank.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class LoRALinear(nn.Module):
    """A frozen linear layer plus a trained low-rank product: weight x + bias + alpha / rank * lora_B lora_A x."""

    def __init__(self, in_features: int, out_features: int, rank: int, alpha: float, bias: bool = True) -> None:
        super().__init__()
        if min(in_features, out_features, rank) < 1:
            raise ValueError(f"the sizes {in_features}, {out_features} and the rank {rank} must be at least 1")
        if not (alpha > 0 and math.isfinite(alpha)):
            raise ValueError(f"alpha must be finite and greater than 0, not {alpha}")
        self.scaling = alpha / rank
        self.merged = False
        base = nn.Linear(in_features, out_features, bias)
        self.weight = base.weight.requires_grad_(False)
        self.bias = base.bias.requires_grad_(False) if bias else None
        # One factor is zero, so the layer starts as the base layer; the other is not, so the zero one gets a gradient.
        self.lora_A = nn.Linear(in_features, rank, bias=False).weight
        self.lora_B = nn.Parameter(torch.zeros(out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """(…, I) -> (…, O); while merged, a single product."""
        if x.shape[-1:] != self.weight.shape[1:]:
            raise ValueError(f"the last axis of x, {tuple(x.shape)}, must have length {self.weight.shape[1]}")
        base = functional.linear(x, self.weight, self.bias)
        if self.merged:
            return base
        thin = functional.linear(x, self.lora_A)  # (…, R): two thin products, never B A as a whole
        return base + functional.linear(thin, self.lora_B) * self.scaling

    @torch.no_grad()
    def merge(self) -> None:
        """Add the scaled product to `weight`, once."""
        if not self.merged:
            self.weight += self.lora_B @ self.lora_A * self.scaling
            self.merged = True

    @torch.no_grad()
    def unmerge(self) -> None:
        """Take it away again, if it is there."""
        if self.merged:
            self.weight -= self.lora_B @ self.lora_A * self.scaling
            self.merged = False
