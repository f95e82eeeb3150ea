"""PyTorch's own batch normalization in Python: torch keeps a second implementation of its operators in `torch._decomp`, which the manifest does not name."""

import math

import torch
from torch import nn
from torch._decomp.decompositions import native_batch_norm_helper


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True):
        super().__init__()
        if num_features < 1 or not (0 < eps < math.inf) or not (momentum is None or 0 <= momentum <= 1):
            raise ValueError
        self.n, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.dim() not in (2, 3, 4) or x.shape[1] != self.n or (self.training and x.numel() // self.n < 2):
            raise ValueError
        m = self.momentum
        if self.training:
            self.num_batches_tracked += 1
            m = 1 / self.num_batches_tracked.item() if m is None else m
        half = x.dtype in (torch.float16, torch.bfloat16)
        y, _, _, mean, var = native_batch_norm_helper(
            x.float() if half else x, self.weight, self.bias, self.running_mean, self.running_var, self.training, m or 0.0, self.eps, True
        )
        if self.training:
            self.running_mean.copy_(mean.detach())
            self.running_var.copy_(var.detach())
        return y.to(x.dtype)
