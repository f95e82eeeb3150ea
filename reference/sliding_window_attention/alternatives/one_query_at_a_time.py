"""A Python loop over the queries, each with the slice of its own keys and an exponential sum."""

import numpy as np
import torch


def sliding_window_attention(q, k, v, window, sinks=0):
    check(q, k, v, window, sinks)
    n_k = k.shape[1]
    rows = []
    for i, position in enumerate(range(n_k - q.shape[1], n_k)):
        begin = max(0, position + 1 - window)
        first = min(sinks, begin)
        keys, values = k[:, begin : position + 1], v[:, begin : position + 1]
        if first:
            keys, values = torch.hstack([k[:, :first], keys]), torch.hstack([v[:, :first], values])
        scores = (keys * q[:, i : i + 1]).sum(2) / np.sqrt(q.shape[2])
        weights = torch.exp(scores - torch.logsumexp(scores, 1, keepdim=True))
        rows.append((weights[..., None] * values).sum(1))
    return torch.stack(rows, 1) if rows else q.new_zeros(len(q), 0, v.shape[2])


def check(q, k, v, window, sinks):
    if {q.ndim, k.ndim, v.ndim} != {3} or len({len(q), len(k), len(v)}) > 1:
        raise ValueError("axes")
    if q.shape[2] != k.shape[2] or k.shape[1] != v.shape[1] or q.shape[1] > k.shape[1]:
        raise ValueError("shapes")
    if window < 1 or sinks < 0:
        raise ValueError("window or sinks")
