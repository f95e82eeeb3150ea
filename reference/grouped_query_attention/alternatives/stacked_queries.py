"""Stacks the queries of a group below each other, so that each KV head answers one tall matrix product."""

import math

import torch
from torch import Tensor


def _fits(mask: Tensor, shape: tuple[int, ...]) -> bool:
    """Whether `mask` is boolean and stretches to `shape`, neither beyond it nor to more axes."""
    if mask.dtype != torch.bool or mask.ndim > len(shape):
        return False
    return all(size in (1, full) for size, full in zip(reversed(mask.shape), reversed(shape), strict=False))


def grouped_query_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """Attention of H query heads, in groups of H / G in a row, that each share one of G heads of keys and values."""
    if {q.ndim, k.ndim, v.ndim} != {4}:
        raise ValueError("q, k and v need four axes each")
    batch, heads, queries, width = q.shape
    groups, keys = k.shape[1:3]
    if not batch == len(k) == len(v):
        raise ValueError("q, k and v differ in B")
    if v.shape[1:3] != (groups, keys) or k.shape[3] != width:
        raise ValueError("k and v must agree in heads and length, q and k in D")
    if heads % groups:
        raise ValueError("H is not a multiple of G")
    if mask is not None and not _fits(mask, (batch, heads, queries, keys)):
        raise ValueError("mask must be boolean and broadcast to (B, H, Lq, Lk)")

    tall = (batch, groups, heads // groups * queries)
    scores = (q / math.sqrt(width)).reshape(*tall, width) @ k.mT
    if mask is None:
        weights = scores.softmax(-1)
    else:
        hidden = ~mask.expand(batch, heads, queries, keys).reshape(*tall, keys)
        weights = scores.masked_fill(hidden, torch.finfo(q.dtype).min).softmax(-1).masked_fill(hidden, 0.0)
    return (weights @ v).reshape(batch, heads, queries, v.shape[3])
