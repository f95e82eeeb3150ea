"""Attention in tiles with an online softmax (Dao et al. 2022): scores exist for one tile at a time.

Shapes: N items, Lq queries and Lk keys of width D, values of width Dv; a tile has up to block_size of each.
"""

import math

import torch
from torch import Tensor


def flash_attention(
    q: Tensor, k: Tensor, v: Tensor, causal: bool = False, block_size: int = 128
) -> tuple[Tensor, Tensor]:
    """(N, Lq, D), (N, Lk, D), (N, Lk, Dv) -> out (N, Lq, Dv) and lse (N, Lq)."""
    _check(q, k, v, block_size)
    out = q.new_empty(*q.shape[:2], v.shape[-1])
    lse = q.new_empty(q.shape[:2])
    for start in range(0, q.shape[1], block_size):
        rows = slice(start, start + block_size)
        # In causal attention, query i of this block sees keys up to i + last.
        last = start + k.shape[1] - q.shape[1] if causal else None
        out[:, rows], lse[:, rows] = _attend(q[:, rows], k, v, last, block_size)
    return out, lse


def _attend(q: Tensor, k: Tensor, v: Tensor, last: int | None, block_size: int) -> tuple[Tensor, Tensor]:
    """One block of queries over all keys, a block of keys at a time."""
    top = torch.full_like(q[..., :1], -math.inf)  # (N, rows, 1), the greatest score so far
    total = mixed = torch.zeros_like(top)  # sums of exp(score - top), and of that times the value (N, rows, Dv)
    for start in range(0, k.shape[1], block_size):
        keys = slice(start, start + block_size)
        scores = q @ k[:, keys].mT / math.sqrt(q.shape[-1])  # (N, rows, keys)
        if last is not None:
            seen = torch.ones_like(scores, dtype=torch.bool).tril(last - start)
            scores = scores.masked_fill(~seen, -math.inf)
        higher = torch.maximum(top, scores.amax(dim=-1, keepdim=True))
        # Where nothing was seen yet the maximum is -inf, and -inf - -inf would be NaN: take off a finite number there.
        taken_off = higher.clamp(min=torch.finfo(q.dtype).min)
        shrink = (top - taken_off).exp()  # what was summed up to now had the old maximum taken off
        weights = (scores - taken_off).exp()
        total = total * shrink + weights.sum(dim=-1, keepdim=True)
        mixed = mixed * shrink + weights @ v[:, keys]
        top = higher
    # A query that sees nothing has 0 / 1, and -inf + log 0; any other total is at least 1.
    return mixed / total.clamp(min=1.0), (top + total.log()).squeeze(-1)


def _check(q: Tensor, k: Tensor, v: Tensor, block_size: int) -> None:
    """Raise ValueError for what the statement lists."""
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if not q.ndim == k.ndim == v.ndim == 3 or not len(q) == len(k) == len(v):
        raise ValueError(f"q, k and v need three axes and one first size: {shapes}")
    if q.shape[-1] != k.shape[-1] or k.shape[1] != v.shape[1]:
        raise ValueError(f"q and k must have one width, k and v one length: {shapes}")
    if block_size < 1:
        raise ValueError(f"block_size must be at least 1, not {block_size}")
