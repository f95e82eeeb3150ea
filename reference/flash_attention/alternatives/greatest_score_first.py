"""Two passes over the keys: the first finds each query's greatest score, so the sums of the second are never rescaled."""

from collections.abc import Iterator

import torch
from torch import Tensor


def flash_attention(
    q: Tensor, k: Tensor, v: Tensor, causal: bool = False, block_size: int = 128
) -> tuple[Tensor, Tensor]:
    """Attention of q (N, Lq, D) over k (N, Lk, D) and v (N, Lk, Dv), and the logsumexp of each query's scores."""
    _check(q, k, v, block_size)
    out = q.new_zeros(*q.shape[:2], v.shape[2])
    lse = q.new_full(q.shape[:2], -torch.inf)
    for start in range(0, q.shape[1], block_size):
        stop = min(start + block_size, q.shape[1])
        peak = lse[:, start:stop].clone()
        for _, scores in _tiles(q, k, start, stop, causal, block_size):
            torch.maximum(peak, scores.amax(-1), out=peak)
        peak = peak.masked_fill(peak == -torch.inf, 0.0)
        total = torch.zeros_like(peak)
        mixed = out[:, start:stop]
        for keys, scores in _tiles(q, k, start, stop, causal, block_size):
            weights = scores.sub_(peak[..., None]).exp_()
            total += weights.sum(-1)
            mixed += weights @ v[:, keys]
        mixed /= total.masked_fill(total == 0, 1.0)[..., None]
        lse[:, start:stop] = peak + total.log()
    return out, lse


def _tiles(
    q: Tensor, k: Tensor, start: int, stop: int, causal: bool, block_size: int
) -> Iterator[tuple[slice, Tensor]]:
    """The scores of queries `start` to `stop`, one block of keys after the other, -inf where a key is hidden."""
    shift = k.shape[1] - q.shape[1]
    end = min(k.shape[1], stop + shift) if causal else k.shape[1]
    queries = q[:, start:stop] / q.shape[2] ** 0.5
    last = torch.arange(start, stop, device=q.device)[:, None] + shift
    for first in range(0, end, block_size):
        keys = slice(first, min(first + block_size, end))
        scores = queries @ k[:, keys].mT
        if causal:
            scores.masked_fill_(torch.arange(keys.start, keys.stop, device=q.device) > last, -torch.inf)
        yield keys, scores


def _check(q: Tensor, k: Tensor, v: Tensor, block_size: int) -> None:
    if not q.ndim == k.ndim == v.ndim == 3:
        raise ValueError("q, k and v need three dimensions")
    if not q.shape[0] == k.shape[0] == v.shape[0]:
        raise ValueError("q, k and v differ in their first dimension")
    if q.shape[2] != k.shape[2] or k.shape[1] != v.shape[1]:
        raise ValueError("q, k and v do not fit together")
    if block_size < 1:
        raise ValueError("block_size must be at least 1")
