"""Keys and values are sent as they lie in memory."""

import math

import torch
import torch.distributed as dist


def ring_attention(q, k, v, causal=False, zigzag=False):
    if not q.ndim == k.ndim == v.ndim == 3 or not q.shape[:2] == k.shape[:2] == v.shape[:2]:
        raise ValueError("q, k and v need three axes, of which the first two are the same")
    if q.shape[-1] != k.shape[-1] or (zigzag and q.shape[1] % 2):
        raise ValueError("q and k must have one width, and zigzag an even length")
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    length = q.shape[1]
    here = positions(rank, world, length, zigzag)
    out, lse = None, torch.full_like(q[..., :1], -math.inf)
    for step in range(world):
        pending = []
        if step < world - 1:
            following = torch.empty(k.shape, dtype=k.dtype), torch.empty(v.shape, dtype=v.dtype)
            pending = [dist.isend(x, (rank + 1) % world) for x in (k, v)]
            pending += [dist.irecv(x, (rank - 1) % world) for x in following]
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        if causal:
            there = positions((rank - step) % world, world, length, zigzag)
            scores = scores.masked_fill(there > here[:, None], -math.inf)
        merged = torch.logaddexp(lse, scores.logsumexp(-1, keepdim=True))
        part = (scores - merged).exp() @ v
        out = part if out is None else out * (lse - merged).exp() + part
        lse = merged
        for work in pending:
            work.wait()
        if pending:
            k, v = following
    return out


def positions(rank, world, length, zigzag):
    half = length // 2
    starts = (rank * half, (2 * world - 1 - rank) * half) if zigzag else (rank * length,)
    return torch.cat([torch.arange(length // len(starts)) + start for start in starts])
