"""Each rank sends its own block straight to the rank `shift` places on, for every shift; a running softmax takes them in."""

import math

import torch
import torch.distributed as dist
from torch import Tensor


def check(q: Tensor, k: Tensor, v: Tensor, zigzag: bool) -> None:
    """ValueError for blocks that do not fit."""
    if not q.ndim == k.ndim == v.ndim == 3:
        raise ValueError("q, k and v must have three axes")
    if not q.shape[:2] == k.shape[:2] == v.shape[:2] or q.shape[2] != k.shape[2]:
        raise ValueError("the shapes of q, k and v do not fit")
    if zigzag and q.shape[1] % 2:
        raise ValueError("zigzag takes blocks of even length")


def positions(rank: int, ranks: int, length: int, zigzag: bool) -> Tensor:
    """Where in the sequence the block of `rank` is."""
    if not zigzag:
        return torch.arange(length) + rank * length
    half = torch.arange(length // 2)
    return torch.cat([half + rank * len(half), half + (2 * ranks - 1 - rank) * len(half)])


class RunningSoftmax:
    """Weighted sums of values over the keys seen so far, relative to the largest score of each query."""

    def __init__(self, q: Tensor, width: int) -> None:
        self.q = q / math.sqrt(q.shape[2])
        self.largest = q.new_full((*q.shape[:2], 1), -math.inf)
        self.total = q.new_zeros((*q.shape[:2], 1))
        self.values = q.new_zeros((*q.shape[:2], width))

    def take(self, k: Tensor, v: Tensor, visible: Tensor | None) -> None:
        scores = self.q @ k.mT
        if visible is not None:
            scores = scores.masked_fill(~visible, -math.inf)
        largest = torch.maximum(self.largest, scores.amax(dim=2, keepdim=True))
        shares = torch.exp(scores - largest)
        kept = torch.exp(self.largest - largest)
        self.total = self.total * kept + shares.sum(dim=2, keepdim=True)
        self.values = self.values * kept + shares @ v
        self.largest = largest


def ring_attention(q: Tensor, k: Tensor, v: Tensor, causal: bool = False, zigzag: bool = False) -> Tensor:
    check(q, k, v, zigzag)
    ranks, rank = 1, 0
    if dist.is_available() and dist.is_initialized():
        ranks, rank = dist.get_world_size(), dist.get_rank()
    length, width = q.shape[1:]
    mine = torch.cat([k, v], dim=2)
    places = positions(rank, ranks, length, zigzag)
    running = RunningSoftmax(q, v.shape[2])

    for shift in range(ranks):  # the own block comes first, in which each query sees its own key at least
        source, block = (rank - shift) % ranks, mine
        if shift:
            block = torch.empty_like(mine)
            request = dist.isend(mine, (rank + shift) % ranks)
            dist.recv(block, source)
            request.wait()
        visible = places[:, None] >= positions(source, ranks, length, zigzag) if causal else None
        if visible is None or visible.any():
            running.take(block[:, :, :width], block[:, :, width:], visible)
    return running.values / running.total
