"""Batch normalization (Ioffe and Szegedy 2015), with the running statistics of PyTorch.

Shapes: N examples, C channels, and up to two more axes; n values in each channel.
"""

import math

import torch
from torch import Tensor, nn


class BatchNorm(nn.Module):
    """Standardizes each channel by the batch in training, and by running statistics in evaluation."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True) -> None:
        super().__init__()
        if num_features < 1:
            raise ValueError(f"num_features must be at least 1, not {num_features}")
        if not (eps > 0 and math.isfinite(eps)):
            raise ValueError(f"eps must be finite and greater than 0, not {eps}")
        if momentum is not None and not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be None or from 0 to 1, not {momentum}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C), (N, C, L) or (N, C, H, W) -> the same."""
        if not 2 <= x.ndim <= 4 or x.shape[1] != self.num_features:
            raise ValueError(f"expected (N, {self.num_features}) and up to two more axes, got {tuple(x.shape)}")
        wide = x.to(self.running_mean.dtype)  # half precision is computed in float32
        mean, var = self._of_batch(wide) if self.training else (self.running_mean, self.running_var)
        scale = torch.rsqrt(var + self.eps)
        if self.weight is not None:
            scale = scale * self.weight
        y = (wide - self._spread(mean, x)) * self._spread(scale, x)
        if self.bias is not None:
            y = y + self._spread(self.bias, x)
        return y.to(x.dtype)

    def _of_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and biased variance of each channel, both in the graph; the buffers learn of them outside of it."""
        count = x.numel() // self.num_features
        if count < 2:
            raise ValueError("more than one value per channel is needed in training")
        axes = [axis for axis in range(x.ndim) if axis != 1]
        mean, var = x.mean(dim=axes), x.var(dim=axes, correction=0)
        with torch.no_grad():
            self.num_batches_tracked += 1
            share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
            self.running_mean += share * (mean - self.running_mean)
            self.running_var += share * (var * count / (count - 1) - self.running_var)
        return mean, var

    def _spread(self, values: Tensor, x: Tensor) -> Tensor:
        """(C,) -> (1, C, 1, …), which meets x."""
        return values.reshape(1, -1, *[1] * (x.ndim - 2))
