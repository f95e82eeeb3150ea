"""Through the Euclidean norm of each vector: an eps in the mean square is D times eps in the sum of squares."""

import numpy as np
import torch


class RMSNorm(torch.nn.Module):
    def __init__(self, dim, eps=1e-6):
        if dim <= 0 or not np.isfinite(eps) or eps <= 0:
            raise ValueError("dim and eps must be positive, eps finite")
        super().__init__()
        self.dim = dim
        self.root_eps = float(np.sqrt(dim * eps))
        self.weight = torch.nn.Parameter(torch.ones(dim))

    def forward(self, x):
        if x.dim() == 0 or x.size(-1) != self.dim:
            raise ValueError("x does not end in an axis of length dim")
        norm = torch.linalg.vector_norm(x.double(), dim=-1, keepdim=True)
        length = torch.hypot(norm, torch.full_like(norm, self.root_eps))
        return (self.dim**0.5 * x.double() / length * self.weight.double()).type_as(x)
