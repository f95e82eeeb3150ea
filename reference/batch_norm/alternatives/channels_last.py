"""Channels moved to the end and flattened to a table; the buffers are replaced instead of changed in place."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True):
        super().__init__()
        finite_positive = 0.0 < eps < float("inf")
        if num_features <= 0 or not finite_positive or not (momentum is None or 0.0 <= momentum <= 1.0):
            raise ValueError("unsound arguments")
        self.eps, self.momentum, self.channels = eps, momentum, num_features
        if affine:
            self.weight = nn.Parameter(torch.ones(num_features))
            self.bias = nn.Parameter(torch.zeros(num_features))
        self.affine = affine
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        if x.dim() not in (2, 3, 4) or x.size(1) != self.channels:
            raise ValueError(f"bad shape {tuple(x.shape)}")
        moved = x.movedim(1, -1)
        table = moved.reshape(-1, self.channels).to(self.running_mean.dtype)
        if self.training:
            rows = table.shape[0]
            if rows <= 1:
                raise ValueError("one value per channel")
            mean = table.sum(0) / rows
            centered = table - mean
            var = (centered * centered).sum(0) / rows
            self.num_batches_tracked = self.num_batches_tracked + 1
            m = self.momentum if self.momentum is not None else 1.0 / float(self.num_batches_tracked)
            self.running_mean = torch.lerp(self.running_mean, mean.detach(), m)
            self.running_var = (1 - m) * self.running_var + m * torch.var(table.detach(), dim=0)
        else:
            centered, var = table - self.running_mean, self.running_var
        table = centered / torch.sqrt(var + self.eps)
        if self.affine:
            table = torch.addcmul(self.bias, table, self.weight)
        return table.reshape(moved.shape).movedim(-1, 1).to(x.dtype)
