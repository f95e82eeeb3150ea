"""Ignored rows are dropped before anything is projected; one number per row, its logsumexp, is saved for backward."""

import torch
from torch import Tensor


def chunked_cross_entropy(
    hidden: Tensor, weight: Tensor, labels: Tensor, chunk_size: int = 1024, ignore_index: int = -100
) -> Tensor:
    """Mean cross-entropy () of `labels` (N,) under the logits of `hidden` (N, D) times `weight` (V, D) transposed."""
    if hidden.ndim != 2 or weight.ndim != 2 or hidden.shape[1] != weight.shape[1]:
        raise ValueError("hidden and weight must be matrices of the same width")
    if labels.shape != hidden.shape[:1]:
        raise ValueError("labels must have one entry per row of hidden")
    if chunk_size < 1:
        raise ValueError("chunk_size must be at least 1")
    kept = (labels != ignore_index).nonzero()[:, 0]
    total = _SumOfLosses.apply(hidden[kept], weight, labels[kept], chunk_size)
    return total / max(len(kept), 1)


class _SumOfLosses(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden, weight, labels, chunk_size):
        normalizers = hidden.new_empty(len(hidden))
        total = hidden.new_zeros(())
        for start in range(0, len(hidden), chunk_size):
            rows = slice(start, start + chunk_size)
            logits = hidden[rows] @ weight.mT
            normalizers[rows] = logits.logsumexp(1)
            total += (normalizers[rows] - logits.gather(1, labels[rows, None])[:, 0]).sum()
            del logits
        ctx.save_for_backward(hidden, weight, labels, normalizers)
        ctx.chunk_size = chunk_size
        return total

    @staticmethod
    def backward(ctx, grad):
        hidden, weight, labels, normalizers = ctx.saved_tensors
        of_hidden = torch.zeros_like(hidden) if ctx.needs_input_grad[0] else None
        of_weight = torch.zeros_like(weight) if ctx.needs_input_grad[1] else None
        for start in range(0, len(hidden), ctx.chunk_size):
            rows = slice(start, start + ctx.chunk_size)
            error = (hidden[rows] @ weight.mT).sub_(normalizers[rows, None]).exp_()
            error.scatter_add_(1, labels[rows, None], -torch.ones_like(error[:, :1]))
            error *= grad
            if of_hidden is not None:
                of_hidden[rows] = error @ weight
            if of_weight is not None:
                of_weight += error.mT @ hidden[rows]
            del error
        return of_hidden, of_weight, None, None
