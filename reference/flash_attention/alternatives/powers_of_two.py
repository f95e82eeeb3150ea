"""Works in powers of two, and a last column of the running sum holds the total of the weights beside the values."""

import math

import torch
from torch import Tensor


def _check(q: Tensor, k: Tensor, v: Tensor, block_size: int) -> None:
    if any(part.ndim != 3 for part in (q, k, v)):
        raise ValueError("q, k and v need three axes each")
    if not len(q) == len(k) == len(v):
        raise ValueError("q, k and v differ in N")
    if q.shape[2] != k.shape[2] or k.shape[1] != v.shape[1]:
        raise ValueError("q and k must agree in D, k and v in their length")
    if block_size < 1:
        raise ValueError("block_size must be at least 1")


def _attend(q: Tensor, k: Tensor, v: Tensor, last_key: Tensor | None, block_size: int) -> tuple[Tensor, Tensor]:
    """One block of queries over all keys; query r of it sees keys up to `last_key[r]`, or all."""
    queries = q * (math.log2(math.e) / math.sqrt(q.shape[2]))
    # The last column adds up the weights, the others the weighted values.
    sums = v.new_zeros(q.shape[0], q.shape[1], v.shape[2] + 1)
    top = q.new_full(q.shape[:2], -math.inf)
    for start in range(0, k.shape[1], block_size):
        keys, values = k[:, start : start + block_size], v[:, start : start + block_size]
        scores = queries @ keys.mT
        if last_key is not None:
            position = torch.arange(start, start + keys.shape[1], device=k.device)
            scores.masked_fill_(position > last_key[:, None], -math.inf)
        new_top = torch.maximum(top, scores.amax(2))
        anchor = new_top.clamp(min=torch.finfo(q.dtype).min)  # nothing seen so far: any finite number does
        sums *= torch.exp2(top - anchor)[..., None]
        scores.sub_(anchor[..., None]).exp2_()
        sums[..., :-1].baddbmm_(scores, values)
        sums[..., -1] += scores.sum(2)
        top = new_top
    total = sums[..., -1]
    out = sums[..., :-1] / total.clamp(min=1e-30)[..., None]
    return out, (top + total.log2()) * math.log(2)


def flash_attention(
    q: Tensor, k: Tensor, v: Tensor, causal: bool = False, block_size: int = 128
) -> tuple[Tensor, Tensor]:
    """Attention of q (N, Lq, D) over k (N, Lk, D) and v (N, Lk, Dv), and the logsumexp of each query's scores."""
    _check(q, k, v, block_size)
    (count, queries, _), keys = q.shape, k.shape[1]
    out, lse = q.new_zeros(count, queries, v.shape[2]), q.new_zeros(count, queries)
    for start in range(0, queries, block_size):
        part = slice(start, min(start + block_size, queries))
        last_key, seen = None, keys
        if causal:
            last_key = torch.arange(part.start, part.stop, device=q.device) + keys - queries
            seen = max(0, part.stop + keys - queries)
        out[:, part], lse[:, part] = _attend(q[:, part], k[:, :seen], v[:, :seen], last_key, block_size)
    return out, lse
