"""An autograd function whose backward pass is written out, for statistics of the batch and for constant ones."""

import math

import torch
from torch import Tensor, nn


def others(x: Tensor) -> list[int]:
    """All axes but that of the channels."""
    return [axis for axis in range(x.ndim) if axis != 1]


def spread(c: Tensor, x: Tensor) -> Tensor:
    """(C,) in a shape that goes with x."""
    return c.reshape(-1, *[1] * (x.ndim - 2))


class Standardize(torch.autograd.Function):
    """(x - mean) * inverse, where both are constants or, if `live`, come from x."""

    @staticmethod
    def forward(ctx, x, mean, inverse, live):
        standard = (x - spread(mean, x)) * spread(inverse, x)
        ctx.live = live
        ctx.save_for_backward(standard, inverse)
        return standard

    @staticmethod
    def backward(ctx, gradient):
        standard, inverse = ctx.saved_tensors
        if ctx.live:
            axes = others(standard)
            flat = gradient.mean(dim=axes, keepdim=True)
            tilt = (gradient * standard).mean(dim=axes, keepdim=True)
            gradient = gradient - flat - standard * tilt
        return gradient * spread(inverse, standard), None, None, None


class BatchNorm(nn.Module):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True) -> None:
        super().__init__()
        if num_features < 1 or not 0 < eps < math.inf or not (momentum is None or 0 <= momentum <= 1):
            raise ValueError("num_features, eps or momentum out of range")
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim not in (2, 3, 4) or x.shape[1] != len(self.running_mean):
            raise ValueError("x must have 2, 3 or 4 axes, and C channels on axis 1")
        values = x.to(self.running_mean.dtype)
        if self.training:
            mean, variance = self.measured(values.detach())
        else:
            mean, variance = self.running_mean, self.running_var
        y = Standardize.apply(values, mean.clone(), (variance + self.eps).rsqrt(), self.training)
        if self.weight is not None:
            y = torch.addcmul(spread(self.bias, y), y, spread(self.weight, y))
        return y.to(x.dtype)

    @torch.no_grad()
    def measured(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and biased variance of this batch, which enter the buffers."""
        n = values.numel() // len(self.running_mean)
        if n < 2:
            raise ValueError("training takes two values in each channel")
        mean = values.mean(dim=others(values))
        variance = (values - spread(mean, values)).square().mean(dim=others(values))
        self.num_batches_tracked += 1
        m = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        for buffer, new in ((self.running_mean, mean), (self.running_var, variance * (n / (n - 1)))):
            buffer.copy_((1 - m) * buffer + m * new)
        return mean, variance
