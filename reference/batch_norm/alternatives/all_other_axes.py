"""Reduces over all axes but the channels in the shape of the input, and keeps the statistics broadcastable."""

import math

import torch
from torch import Tensor, nn


class BatchNorm(nn.Module):
    """Standardizes each channel by the batch in training, and by running statistics in evaluation."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True) -> None:
        """Make parameters and buffers; ValueError for unsound arguments."""
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features must be at least 1")
        if not 0 < eps < math.inf:
            raise ValueError("eps must be positive and finite")
        if momentum is not None and not 0 <= momentum <= 1:
            raise ValueError("momentum must be None or between 0 and 1")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        if affine:
            self.weight = nn.Parameter(torch.ones(num_features, dtype=torch.float32))
            self.bias = nn.Parameter(torch.zeros(num_features, dtype=torch.float32))
        else:
            self.weight = self.bias = None
        self.register_buffer("running_mean", torch.zeros(num_features, dtype=torch.float32))
        self.register_buffer("running_var", torch.ones(num_features, dtype=torch.float32))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C), (N, C, L) or (N, C, H, W) -> the same; ValueError for other shapes and for too few values."""
        if x.ndim not in (2, 3, 4) or x.shape[1] != self.num_features:
            raise ValueError("x must be (N, C), (N, C, L) or (N, C, H, W)")
        shape = [1, -1] + [1] * (x.ndim - 2)
        wide = x.to(self.running_mean.dtype)
        if self.training:
            count = x.numel() // self.num_features
            if count < 2:
                raise ValueError("training needs two values per channel")
            axes = [axis for axis in range(x.ndim) if axis != 1]
            mean = wide.mean(dim=axes, keepdim=True)
            centered = wide - mean
            var = centered.square().mean(dim=axes, keepdim=True)
            self.track(mean.detach().flatten(), var.detach().flatten() * (count / (count - 1)))
        else:
            centered = wide - self.running_mean.view(shape)
            var = self.running_var.view(shape)
        result = centered / torch.sqrt(var + self.eps)
        if self.weight is not None:
            result = result * self.weight.view(shape) + self.bias.view(shape)
        return result.to(x.dtype)

    @torch.no_grad()
    def track(self, mean: Tensor, unbiased: Tensor) -> None:
        """Let a batch's statistics, (C,) each, into the buffers."""
        self.num_batches_tracked += 1
        share = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
        for buffer, fresh in ((self.running_mean, mean), (self.running_var, unbiased)):
            buffer.mul_(1 - share).add_(fresh, alpha=share)
