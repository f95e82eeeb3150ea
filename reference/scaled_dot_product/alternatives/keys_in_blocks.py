"""Keys go by in blocks, with a running maximum and a running sum, as in flash attention: no full matrix of weights."""

import math

import torch
from torch import Tensor

BLOCK = 16
LOWEST = -1e30  # below every logit, and finite: differences of two of them are 0 and not NaN


def check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    if min(q.dim(), k.dim(), v.dim()) < 2:
        raise ValueError("q, k and v need at least two axes")
    if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ValueError("the leading axes differ")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("q and k differ in width, or k and v in length")
    if mask is None:
        return
    if mask.dtype != torch.bool:
        raise ValueError("the mask is not boolean")
    target = (*q.shape[:-1], k.shape[-2])
    padded = (1,) * (len(target) - mask.dim()) + tuple(mask.shape)
    if len(padded) != len(target) or any(have not in (1, want) for have, want in zip(padded, target, strict=True)):
        raise ValueError("the mask does not fit the logits")


def scaled_dot_product(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    check(q, k, v, mask)
    dtype, n_queries, n_keys = q.dtype, q.shape[-2], k.shape[-2]
    if dtype in (torch.float16, torch.bfloat16):
        q, k, v = q.float(), k.float(), v.float()
    allowed = torch.ones(n_queries, n_keys, dtype=torch.bool, device=q.device)
    if causal:
        allowed = allowed.tril(n_keys - n_queries)
    if mask is not None:
        allowed = allowed & mask

    top = q.new_full((*q.shape[:-1], 1), LOWEST)
    total = torch.zeros_like(top)
    mixed = (q @ k[..., :0, :].mT) @ v[..., :0, :]  # zeros that belong to the graph
    for start in range(0, n_keys, BLOCK):
        keys, values = k[..., start : start + BLOCK, :], v[..., start : start + BLOCK, :]
        logits = (q @ keys.mT) / math.sqrt(q.shape[-1])
        logits = logits.masked_fill(~allowed[..., start : start + BLOCK], -math.inf)
        higher = torch.maximum(top, logits.detach().amax(-1, keepdim=True))
        shrink, weights = (top - higher).exp(), (logits - higher).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        mixed = mixed * shrink + weights @ values
        top = higher
    return (mixed / torch.where(total > 0, total, 1.0)).to(dtype)
