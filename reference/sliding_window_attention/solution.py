"""Sliding-window attention with sinks: a block of queries at a time looks at the few keys that its windows cover.

Shapes: N items, Lq queries at the last of Lk positions, keys of width D, values of width Dv. A block of b queries
covers b + window - 1 positions, so that with b of about the window all scores together are 2 * Lq * window.
"""

import math

import torch
from torch import Tensor

SMALLEST_BLOCK = 64  # below it a step of the loop costs more than the scores in it


def sliding_window_attention(q: Tensor, k: Tensor, v: Tensor, window: int, sinks: int = 0) -> Tensor:
    """(N, Lq, D), (N, Lk, D), (N, Lk, Dv) -> (N, Lq, Dv)."""
    _check(q, k, v, window, sinks)
    queries, keys = q.shape[1], k.shape[1]
    size = max(window, SMALLEST_BLOCK)
    blocks = [q.new_zeros(len(q), 0, v.shape[-1])]
    for start in range(0, queries, size):
        stop = min(start + size, queries)
        positions = torch.arange(start, stop, device=q.device) + keys - queries
        # The band: positions that at least one window of the block covers. Sinks within it are there already.
        first, last = max(start + keys - queries - window + 1, 0), stop + keys - queries
        before = min(sinks, first)
        nearby = torch.cat([torch.arange(before), torch.arange(first, last)]).to(q.device)
        seen = (nearby > positions[:, None] - window) | (nearby < sinks)
        seen &= nearby <= positions[:, None]
        some_k, some_v = (torch.cat([x[:, :before], x[:, first:last]], dim=1) for x in (k, v))
        scores = q[:, start:stop] @ some_k.mT / math.sqrt(q.shape[-1])  # (N, b, sinks + b + window - 1)
        # Each query sees its own key at least, so no row of the softmax is empty.
        blocks.append(scores.masked_fill(~seen, -math.inf).softmax(dim=-1) @ some_v)
    return torch.cat(blocks, dim=1)


def _check(q: Tensor, k: Tensor, v: Tensor, window: int, sinks: int) -> None:
    """Raise ValueError for what the statement lists."""
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if not q.ndim == k.ndim == v.ndim == 3 or not len(q) == len(k) == len(v):
        raise ValueError(f"q, k and v need three axes and one first size: {shapes}")
    if q.shape[-1] != k.shape[-1] or k.shape[1] != v.shape[1]:
        raise ValueError(f"q and k must have one width, k and v one length: {shapes}")
    if q.shape[1] > k.shape[1]:
        raise ValueError(f"there must not be more queries than keys: {shapes}")
    if window < 1 or sinks < 0:
        raise ValueError(f"window must be at least 1 and sinks at least 0, not {window} and {sinks}")
