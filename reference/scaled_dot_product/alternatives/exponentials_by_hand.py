"""Folds the leading axes into one, and takes exponentials of differences to the greatest visible logit by hand."""

import math

import torch
from torch import Tensor


def _check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ValueError("q, k and v need at least two axes")
    if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ValueError("q, k and v differ in their leading axes")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("q and k must agree in D, k and v in their length")
    if mask is None:
        return
    if mask.dtype != torch.bool:
        raise ValueError("mask must be boolean")
    full = (*q.shape[:-1], k.shape[-2])
    try:
        mask.expand(full)
    except RuntimeError as error:
        raise ValueError(f"mask {tuple(mask.shape)} does not broadcast to {full}") from error


def scaled_dot_product(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    """Softmax of q · k / sqrt(D) over the keys that each query may attend to, times v; zeros where it may to none."""
    _check(q, k, v, mask)
    *lead, queries, width = q.shape
    keys = k.shape[-2]
    if not keys:
        return (q @ k.mT) @ v
    precise = torch.promote_types(q.dtype, torch.float32)
    batch = math.prod(lead)
    left, right, values = (
        part.to(precise).reshape(batch, part.shape[-2], part.shape[-1]) for part in (q / math.sqrt(width), k, v)
    )
    visible = torch.ones(queries, keys, dtype=torch.bool, device=q.device)
    if causal:
        visible = visible.tril(keys - queries)
    if mask is not None:
        visible = (visible & mask).expand(*lead, queries, keys).reshape(batch, queries, keys)

    logits = torch.bmm(left, right.mT)
    top = torch.where(visible, logits, -math.inf).amax(-1, keepdim=True).detach().clamp(min=torch.finfo(precise).min)
    parts = torch.where(visible, logits - top, -math.inf).exp()
    total = parts.sum(-1, keepdim=True)
    result = torch.bmm(parts, values) / torch.where(total > 0, total, 1)
    return result.reshape(*lead, queries, v.shape[-1]).to(q.dtype)
