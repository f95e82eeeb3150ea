"""Passes keys and values as one packed block, and folds each block into a running maximum, sum and weighted sum."""

import math

import torch
import torch.distributed as dist
from torch import Tensor


def positions(rank: int, ranks: int, length: int, zigzag: bool) -> Tensor:
    """Where in the whole sequence the positions of a rank are, (L,)."""
    if not zigzag:
        return torch.arange(rank * length, (rank + 1) * length)
    half = length // 2
    chunks = torch.arange(2 * ranks * half).view(2 * ranks, half)
    return chunks[[rank, 2 * ranks - 1 - rank]].flatten()


def ring_attention(q: Tensor, k: Tensor, v: Tensor, causal: bool = False, zigzag: bool = False) -> Tensor:
    """Attention of this rank's queries q (N, L, D) over the keys and values of all ranks; every rank calls it."""
    if q.ndim != 3 or k.ndim != 3 or v.ndim != 3:
        raise ValueError("q, k and v must have three dimensions")
    if not q.shape[:2] == k.shape[:2] == v.shape[:2] or q.shape[2] != k.shape[2]:
        raise ValueError("q, k and v do not fit together")
    length, width = q.shape[1:]
    if zigzag and length % 2:
        raise ValueError("zigzag needs an even length")
    joined = dist.is_available() and dist.is_initialized()
    rank, ranks = (dist.get_rank(), dist.get_world_size()) if joined else (0, 1)

    queries = q / math.sqrt(width)
    own = positions(rank, ranks, length, zigzag)[:, None]
    top = q.new_full((q.shape[0], length, 1), -math.inf)
    total = torch.zeros_like(top)
    result = q.new_zeros(q.shape[0], length, v.shape[2])
    block = torch.cat((k, v), dim=2)
    for step in range(ranks):
        travelling = []
        if step + 1 < ranks:
            arriving = torch.empty_like(block)
            travelling = [dist.isend(block, (rank + 1) % ranks), dist.irecv(arriving, (rank - 1) % ranks)]
        scores = queries @ block[..., :width].transpose(1, 2)
        if causal:
            others = positions((rank - step) % ranks, ranks, length, zigzag)
            scores = scores.masked_fill(others > own, -math.inf)
        # the first block is the own one, where every query sees its own key: the maximum is finite from there on
        higher = torch.maximum(top, scores.amax(dim=2, keepdim=True))
        shrink, weights = torch.exp(top - higher), torch.exp(scores - higher)
        total = total * shrink + weights.sum(dim=2, keepdim=True)
        result = result * shrink + weights @ block[..., width:]
        top = higher
        for message in travelling:
            message.wait()
        if travelling:
            block = arriving
    return result / total
