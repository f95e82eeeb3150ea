"""Grouped-query attention (Ainslie et al. 2023): one matrix product for each KV head serves a whole group of queries.

Shapes: B items, H query heads, G KV heads, Lq queries and Lk keys of width D, values of width Dv.
"""

import math

import torch
from torch import Tensor


def grouped_query_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """(B, H, Lq, D), (B, G, Lk, D), (B, G, Lk, Dv) -> (B, H, Lq, Dv); True in `mask`, (B, H, Lq, Lk), may attend."""
    _check(q, k, v, mask)
    batch, heads, queries, width = q.shape
    shared, keys, value_width = v.shape[1:]
    # Heads of a group lie next to each other, so their queries can be rows of one matrix: no key is copied.
    rows = q.reshape(batch, shared, heads // shared * queries, width)
    scores = rows @ k.transpose(-2, -1) / math.sqrt(width)  # (B, G, H/G Lq, Lk)
    scores = scores.reshape(batch, heads, queries, keys)
    if mask is not None:  # the lowest finite number, not -inf: a row that allows nothing would turn into NaN
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1)
    if mask is not None:  # by now, a row that allows nothing is uniform
        weights = weights.masked_fill(~mask, 0.0)
    result = weights.reshape(*rows.shape[:-1], keys) @ v  # (B, G, H/G Lq, Dv)
    return result.reshape(batch, heads, queries, value_width)


def _check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    """Raise ValueError for what the statement lists."""
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if not q.ndim == k.ndim == v.ndim == 4 or len(q) != len(k):
        raise ValueError(f"q, k and v need four axes and one batch size: {shapes}")
    if k.shape[:3] != v.shape[:3] or q.shape[-1] != k.shape[-1]:
        raise ValueError(f"k and v must agree in all but width, q and k in width: {shapes}")
    if q.shape[1] % k.shape[1]:
        raise ValueError(f"{q.shape[1]} query heads cannot share {k.shape[1]} KV heads evenly")
    if mask is None:
        return
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be boolean, not {mask.dtype}")
    full = *q.shape[:-1], k.shape[-2]
    sizes = zip(reversed(mask.shape), reversed(full), strict=False)
    if mask.ndim > len(full) or any(size not in (1, whole) for size, whole in sizes):
        raise ValueError(f"mask {tuple(mask.shape)} does not broadcast to {full}")
