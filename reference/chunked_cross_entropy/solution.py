"""Cross-entropy of hidden states with a large vocabulary: logits exist for one chunk of rows at a time."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


class SummedLoss(torch.autograd.Function):
    """The sum of the rows' losses. Only a number for each row is kept for backward; logits are made again there."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, labels: Tensor, chunk_size: int) -> Tensor:
        log_norms = hidden.new_empty(len(hidden))  # (N,)
        total = hidden.new_zeros(())
        for rows in chunks(len(hidden), chunk_size):
            logits = hidden[rows] @ weight.T  # (chunk, V)
            log_norms[rows] = logits.logsumexp(dim=-1)
            total += (log_norms[rows] - at_labels(logits, labels[rows])).sum()
        ctx.save_for_backward(hidden, weight, labels, log_norms)
        ctx.chunk_size = chunk_size
        return total

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, Tensor, None, None]:
        hidden, weight, labels, log_norms = ctx.saved_tensors
        of_hidden, of_weight = torch.zeros_like(hidden), torch.zeros_like(weight)
        for rows in chunks(len(hidden), ctx.chunk_size):
            logits = hidden[rows] @ weight.T
            of_logits = logits.sub_(log_norms[rows, None]).exp_()  # the probabilities, less 1 at the label
            of_logits[torch.arange(len(logits)), labels[rows]] -= 1
            of_hidden[rows] = of_logits @ weight
            of_weight += of_logits.T @ hidden[rows]
        return of_hidden * upstream, of_weight * upstream, None, None


def chunked_cross_entropy(
    hidden: Tensor, weight: Tensor, labels: Tensor, chunk_size: int = 1024, ignore_index: int = -100
) -> Tensor:
    """Mean cross-entropy () of `labels` (N,) under the logits of `hidden` (N, D) times `weight` (V, D) transposed."""
    if hidden.ndim != 2 or weight.ndim != 2 or hidden.shape[1] != weight.shape[1]:
        raise ValueError(f"hidden (N, D) and weight (V, D) are wanted, not {hidden.shape} and {weight.shape}")
    if labels.shape != hidden.shape[:1]:
        raise ValueError(f"labels must have the shape {tuple(hidden.shape[:1])}, not {tuple(labels.shape)}")
    if chunk_size < 1:
        raise ValueError(f"chunk_size must be at least 1, not {chunk_size}")
    counted = labels != ignore_index  # (N,); rows that do not count need no logits at all
    total = SummedLoss.apply(hidden[counted], weight, labels[counted], chunk_size)
    return total / max(int(counted.sum()), 1)  # 0 / 1 where nothing counts, and the graph stays whole


def chunks(length: int, size: int) -> Iterator[slice]:
    """Slices of `size` that cover `length`; the last may be shorter."""
    return (slice(start, start + size) for start in range(0, length, size))


def at_labels(logits: Tensor, labels: Tensor) -> Tensor:
    """The logit (n,) of each row's label."""
    return logits.gather(-1, labels[:, None])[:, 0]
