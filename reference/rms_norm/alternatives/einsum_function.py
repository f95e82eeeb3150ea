"""A plain function under the layer: inner products by einsum, and the weight applied after the cast back."""

import math

import torch
from torch import nn


def rms_norm(rows, eps):
    square = torch.einsum("nd,nd->n", rows, rows) / rows.shape[1]
    return rows / (square + eps).sqrt()[:, None]


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        if not dim >= 1:
            raise ValueError("dim")
        if not 0 < eps < math.inf:
            raise ValueError("eps")
        self.register_parameter("weight", nn.Parameter(torch.full((dim,), 1.0)))
        self.eps = eps

    def forward(self, x):
        width = self.weight.numel()
        if x.ndim < 1 or x.shape[-1] != width:
            raise ValueError("last axis")
        rows = x.reshape(-1, width)
        if x.dtype in (torch.float16, torch.bfloat16):
            rows = rows.float()
        normalized = rms_norm(rows, self.eps).to(x.dtype)
        return (normalized * self.weight.to(x.dtype)).reshape(x.shape)
