"""Batched by einsum over flattened leading axes; -inf for what is hidden, and a softmax by hand that survives it."""

import numpy as np
import torch


def scaled_dot_product(q, k, v, mask=None, causal=False):
    if q.dim() < 2 or k.dim() < 2 or v.dim() < 2:
        raise ValueError("too few axes")
    *lead, n_q, width = q.shape
    n_k, value_width = v.shape[-2:]
    if list(k.shape) != [*lead, n_k, width] or list(v.shape[:-2]) != lead:
        raise ValueError("shapes do not fit")
    hidden = torch.zeros([*lead, n_q, n_k], dtype=torch.bool, device=q.device)
    if mask is not None:
        if mask.dtype is not torch.bool:
            raise ValueError("mask is not boolean")
        if mask.dim() > hidden.dim() or np.broadcast_shapes(tuple(mask.shape), tuple(hidden.shape)) != hidden.shape:
            raise ValueError("mask does not broadcast")
        hidden = hidden | ~mask
    if causal:
        newest = torch.arange(n_q, device=q.device)[:, None] + (n_k - n_q)
        hidden = hidden | (torch.arange(n_k, device=q.device) > newest)
    if 0 in (*lead, n_q, n_k):
        return q.new_zeros([*lead, n_q, value_width]) + 0 * (q.sum() + k.sum() + v.sum())
    wide = torch.float64 if q.dtype == torch.float64 else torch.float32
    q3, k3, v3 = (x.to(wide).reshape(-1, *x.shape[-2:]) for x in (q, k, v))
    shrink = float(width) ** -0.25  # on either side, so that nothing grows large
    scores = torch.einsum("nqd,nkd->nqk", q3 * shrink, k3 * shrink)
    scores = scores.masked_fill(hidden.reshape(scores.shape), -torch.inf)
    top = scores.detach().amax(dim=-1, keepdim=True)
    weights = torch.exp(scores - torch.where(top.isinf(), torch.zeros_like(top), top))  # exp(-inf) = 0
    total = weights.sum(dim=-1, keepdim=True)
    out = torch.einsum("nqk,nkv->nqv", weights, v3) / torch.where(total > 0, total, 1.0)
    return out.to(q.dtype).reshape(*lead, n_q, value_width)
