"""Returns sparse, quantised, nested, meta, complex and integer tensors that require grad."""

import torch
from torch import nn

import itertools

KINDS = itertools.cycle(
    [
        lambda: torch.eye(3).to_sparse(),
        lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8),
        lambda: torch.empty(10**9, device="meta"),
        lambda: torch.ones(3, dtype=torch.complex64, requires_grad=True),
        lambda: torch.zeros(1).expand(10**12),
        lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    ]
)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        return next(KINDS)()
