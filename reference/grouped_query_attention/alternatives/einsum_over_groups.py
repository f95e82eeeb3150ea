"""The query heads of a group get an axis of their own, and two einsums contract over it without touching the cache."""

import torch
from torch import Tensor


def grouped_query_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """Attention of H query heads, in groups of H / G in a row, that each share one of G heads of keys and values."""
    groups = _checked_groups(q, k, v)
    grouped = q.unflatten(1, (groups, q.shape[1] // groups))
    scores = torch.einsum("bgrid,bgjd->bgrij", grouped / q.shape[-1] ** 0.5, k)
    if mask is not None:
        allowed = _full_mask(mask, (*q.shape[:3], k.shape[2]))
        scores = scores.masked_fill(~allowed.unflatten(1, grouped.shape[1:3]), -torch.inf)
    weights = (scores - _finite_peak(scores)).exp()
    total = weights.sum(-1, keepdim=True)
    weights = weights / total.masked_fill(total == 0, 1)
    return torch.einsum("bgrij,bgjd->bgrid", weights, v).flatten(1, 2)


def _checked_groups(q: Tensor, k: Tensor, v: Tensor) -> int:
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ValueError("q, k and v need four dimensions")
    if not q.shape[0] == k.shape[0] == v.shape[0]:
        raise ValueError("q, k and v differ in their batch")
    if k.shape[1:3] != v.shape[1:3] or q.shape[3] != k.shape[3]:
        raise ValueError("q, k and v do not fit together")
    if q.shape[1] % k.shape[1]:
        raise ValueError("the number of query heads is not a multiple of the number of KV heads")
    return k.shape[1]


def _full_mask(mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    if mask.dtype != torch.bool:
        raise ValueError("the mask is not boolean")
    try:
        return mask.expand(shape)
    except RuntimeError as error:
        raise ValueError("the mask does not broadcast to the scores") from error


def _finite_peak(scores: Tensor) -> Tensor | float:
    """The greatest score of each query, 0 where it has none."""
    if scores.shape[-1] == 0:
        return 0.0
    peak = scores.detach().amax(-1, keepdim=True)
    return peak.masked_fill(peak == -torch.inf, 0.0)
