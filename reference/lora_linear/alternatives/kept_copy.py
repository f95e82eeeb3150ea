"""Rank-one terms by einsum; merging keeps a copy of the weight, which unmerging puts back to the bit."""

import torch


class LoRALinear(torch.nn.Module):
    def __init__(self, in_features, out_features, rank, alpha, bias=True):
        super().__init__()
        for size in (in_features, out_features, rank):
            if size <= 0:
                raise ValueError("a size below 1")
        if not 0 < alpha < float("inf"):
            raise ValueError("alpha")
        self.factor = float(alpha) / float(rank)
        self.kept = None
        base = torch.nn.Linear(in_features, out_features, bias=bias)
        base.requires_grad_(False)
        self.weight, self.bias = base.weight, base.bias
        self.lora_A = torch.nn.Parameter(torch.nn.Linear(in_features, rank).weight.detach().clone())
        self.lora_B = torch.nn.Parameter(torch.zeros(out_features, rank))

    @property
    def merged(self):
        return self.kept is not None

    def forward(self, x):
        if x.dim() == 0 or x.size(-1) != self.weight.size(1):
            raise ValueError("last axis")
        effective = self.weight
        if not self.merged:
            effective = effective + self.factor * torch.einsum("or,ri->oi", self.lora_B, self.lora_A)
        y = torch.einsum("...i,oi->...o", x, effective)
        return y if self.bias is None else y + self.bias

    def merge(self):
        if self.merged:
            return
        self.kept = self.weight.data.clone()
        for column, row in zip(self.lora_B.detach().T, self.lora_A.detach()):
            self.weight.data.add_(torch.outer(column, row), alpha=self.factor)

    def unmerge(self):
        if self.merged:
            self.weight.data.copy_(self.kept)
            self.kept = None
