"""Ring attention (Liu et al. 2023): queries stay, blocks of keys and values go round the ranks.

Each rank starts with its own block. While it works on one block, it passes it to the next rank and receives another
from the rank before. After P steps it has seen all of them, and never had more than two at a time. What it keeps is the
state of an online softmax: the greatest score so far, and two sums that have it taken off.
"""

import math

import torch
import torch.distributed as dist
from torch import Tensor


def ring_attention(q: Tensor, k: Tensor, v: Tensor, causal: bool = False, zigzag: bool = False) -> Tensor:
    """(N, L, D), (N, L, D), (N, L, Dv) of this rank -> (N, L, Dv), over the keys and values of all ranks."""
    _check(q, k, v, zigzag)
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    length, width = q.shape[1:]
    queries_at = _positions(rank, world, length, zigzag)
    block = torch.cat([k, v], dim=-1)  # one message; a copy, so contiguous whatever the arguments are
    top = torch.full_like(q[..., :1], -math.inf)  # (N, L, 1)
    total = mixed = torch.zeros_like(top)  # sums of exp(score - top), and of that times the value (N, L, Dv)
    for step in range(world):
        source = (rank - step) % world  # whose block this is
        is_last = step == world - 1
        arriving, requests = (block, []) if is_last else _pass_on(block, rank, world)
        scores = q @ block[..., :width].mT / math.sqrt(width)  # (N, L, L)
        if causal:
            keys_at = _positions(source, world, length, zigzag)
            scores = scores.masked_fill(keys_at > queries_at[:, None], -math.inf)
        # The own block comes first, and in it every query sees its own key: from then on `higher` is finite.
        higher = torch.maximum(top, scores.amax(dim=-1, keepdim=True))
        shrink = (top - higher).exp()
        weights = (scores - higher).exp()
        total = total * shrink + weights.sum(dim=-1, keepdim=True)
        mixed = mixed * shrink + weights @ block[..., width:]
        top = higher
        for request in requests:
            request.wait()
        block = arriving
    return mixed / total


def _pass_on(block: Tensor, rank: int, world: int) -> tuple[Tensor, list[dist.Work]]:
    """Start to send `block` to the next rank and to receive the block of the rank before."""
    arriving = torch.empty_like(block)
    sent = dist.P2POp(dist.isend, block, (rank + 1) % world)
    received = dist.P2POp(dist.irecv, arriving, (rank - 1) % world)
    return arriving, dist.batch_isend_irecv([sent, received])


def _positions(rank: int, world: int, length: int, zigzag: bool) -> Tensor:
    """The places in the sequence (L,) of what a rank holds."""
    if not zigzag:
        return torch.arange(length) + rank * length
    half = length // 2
    return torch.cat([torch.arange(half) + chunk * half for chunk in (rank, 2 * world - 1 - rank)])


def _check(q: Tensor, k: Tensor, v: Tensor, zigzag: bool) -> None:
    """Raise ValueError for what the statement lists."""
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if not q.ndim == k.ndim == v.ndim == 3 or not q.shape[:2] == k.shape[:2] == v.shape[:2]:
        raise ValueError(f"q, k and v need three axes, of which the first two are the same: {shapes}")
    if q.shape[-1] != k.shape[-1]:
        raise ValueError(f"q and k must have one width: {shapes}")
    if zigzag and q.shape[1] % 2:
        raise ValueError(f"zigzag needs an even length: {shapes}")
