"""Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1).

Shapes: Lq queries and Lk keys of width D, values of width Dv, and any leading axes.
"""

import math

import torch
from torch import Tensor


def scaled_dot_product(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    """(…, Lq, D), (…, Lk, D), (…, Lk, Dv) -> (…, Lq, Dv); True in `mask`, (…, Lq, Lk), means may attend."""
    _check(q, k, v, mask)
    wide = torch.promote_types(q.dtype, torch.float32)
    # The sum of D products has about D times the variance of one of them; the root brings it back.
    scores = q.to(wide) @ k.to(wide).transpose(-2, -1) / math.sqrt(q.shape[-1])  # (…, Lq, Lk)
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    if causal:
        queries, keys = scores.shape[-2:]
        # The last query sees the last key: the triangle stands in the lower right corner.
        allowed = allowed & scores.new_ones(queries, keys, dtype=torch.bool).tril(diagonal=keys - queries)
    # The lowest finite number, not -inf: a row of nothing but -inf would turn into NaN, backward too.
    weights = scores.masked_fill(~allowed, torch.finfo(wide).min).softmax(dim=-1)
    # A row that allows nothing is uniform by now. Elsewhere the hidden weights are 0 already.
    return (weights.masked_fill(~allowed, 0.0) @ v.to(wide)).to(q.dtype)


def _check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    """Raise ValueError for what the statement lists."""
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if min(q.ndim, k.ndim, v.ndim) < 2 or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ValueError(f"q, k and v need two axes or more, and the same leading ones: {shapes}")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(f"q and k must have one width, k and v one length: {shapes}")
    if mask is None:
        return
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be boolean, not {mask.dtype}")
    full = *q.shape[:-1], k.shape[-2]
    sizes = zip(reversed(mask.shape), reversed(full), strict=False)
    if mask.ndim > len(full) or any(size not in (1, whole) for size, whole in sizes):
        raise ValueError(f"mask {tuple(mask.shape)} does not broadcast to {full}")
