"""One query head after the other, each with a view of its keys; a softmax by hand that survives empty rows."""

import torch


def grouped_query_attention(q, k, v, mask=None):
    if {q.dim(), k.dim(), v.dim()} != {4}:
        raise ValueError("four axes are wanted")
    n, heads, n_q, width = q.shape
    _, shared, n_k, _ = k.shape
    if k.shape != (n, shared, n_k, width) or v.shape[:3] != (n, shared, n_k) or heads % shared != 0:
        raise ValueError("shapes do not fit")
    full = (n, heads, n_q, n_k)
    if mask is not None:
        if mask.dtype is not torch.bool:
            raise ValueError("mask is not boolean")
        try:
            mask = mask.expand(full)
        except RuntimeError as error:
            raise ValueError("mask does not broadcast") from error
    outputs = []
    for head in range(heads):
        source = head * shared // heads
        scores = torch.einsum("nqd,nkd->nqk", q[:, head] * width**-0.5, k[:, source])
        if mask is not None:
            scores = torch.where(mask[:, head], scores, -torch.inf)
        if n_k:
            top = scores.detach().amax(dim=-1, keepdim=True)
            scores = scores - torch.where(top.isinf(), torch.zeros_like(top), top)
        weights = torch.exp(scores)  # exp(-inf) = 0
        total = weights.sum(dim=-1, keepdim=True)
        outputs.append(torch.einsum("nqk,nkv->nqv", weights, v[:, source]) / torch.where(total > 0, total, 1.0))
    return torch.stack(outputs, dim=1)
