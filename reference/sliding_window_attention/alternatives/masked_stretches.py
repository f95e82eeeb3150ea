"""Takes a stretch of queries at a time, with the slice of keys that any of them sees and a mask within it."""

import math

import torch
from torch import Tensor


def sliding_window_attention(q: Tensor, k: Tensor, v: Tensor, window: int, sinks: int = 0) -> Tensor:
    """Causal attention of q (N, Lq, D) over the last `window` keys of k (N, Lk, D) and v (N, Lk, Dv), and the first."""
    if q.ndim != 3 or k.ndim != 3 or v.ndim != 3 or not q.shape[0] == k.shape[0] == v.shape[0]:
        raise ValueError("q, k and v must have three dimensions and the same N")
    if q.shape[2] != k.shape[2] or k.shape[1] != v.shape[1] or q.shape[1] > k.shape[1]:
        raise ValueError("the widths or lengths do not fit")
    if window < 1 or sinks < 0:
        raise ValueError("window must be at least 1, sinks at least 0")
    queries, offset = q.shape[1], k.shape[1] - q.shape[1]
    if queries == 0 or q.shape[0] == 0:
        return v.new_zeros(q.shape[0], queries, v.shape[2])

    scale = 1 / math.sqrt(q.shape[2])
    stretch = min(max(window + sinks, 16), 128)
    parts = []
    for start in range(0, queries, stretch):
        stop = min(start + stretch, queries)
        low, high = max(start + offset - window + 1, 0), stop + offset
        before = min(sinks, low)
        seen = torch.cat((torch.arange(before), torch.arange(low, high))).to(q.device)
        keys, values = k[:, low:high], v[:, low:high]
        if before:
            keys, values = torch.cat((k[:, :before], keys), 1), torch.cat((v[:, :before], values), 1)

        own = torch.arange(start + offset, high, device=q.device)[:, None]
        visible = (seen <= own) & ((seen > own - window) | (seen < sinks))
        scores = q[:, start:stop] @ keys.transpose(1, 2) * scale
        parts.append(scores.masked_fill(~visible, -math.inf).softmax(-1) @ values)
    return torch.cat(parts, dim=1)
