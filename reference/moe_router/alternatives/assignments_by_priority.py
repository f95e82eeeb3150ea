"""Numbers the slots with one stable sort of all assignments by expert."""

import torch
from torch import Tensor


def places_in_queues(queue: Tensor, count: int) -> Tensor:
    """For each entry of `queue` how many equal entries stand before it; entries are 0 to count - 1."""
    by_expert = queue.argsort(stable=True)
    load = torch.bincount(queue, minlength=count)
    first = (load.cumsum(0) - load).repeat_interleave(load)
    places = torch.empty_like(queue)
    places[by_expert] = torch.arange(len(queue), device=queue.device) - first
    return places


def moe_router(
    logits: Tensor, k: int, capacity: int | None = None, renormalize: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """`(experts, weights, slots, balance_loss, z_loss)` for logits (T, E); the first three are (T, k)."""
    if logits.ndim != 2 or logits.shape[1] < 1:
        raise ValueError("logits must be (T, E)")
    tokens, count = logits.shape
    if not 1 <= k <= count or (capacity is not None and capacity < 1):
        raise ValueError("k or capacity out of range")
    z = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
    experts = z.argsort(dim=1, descending=True, stable=True)[:, :k].contiguous()

    p = z.softmax(dim=1)
    weights = p.gather(1, experts)
    if renormalize:
        weights = weights / weights.sum(dim=1, keepdim=True)

    queue = experts.t().reshape(-1)
    slots = places_in_queues(queue, count).view(k, tokens).t().contiguous()
    if capacity is not None:
        dropped = slots >= capacity
        slots = slots.masked_fill(dropped, -1)
        weights = weights.masked_fill(dropped, 0.0)

    rows = max(tokens, 1)
    share = torch.bincount(queue, minlength=count).to(z.dtype) / (rows * k)
    balance_loss = count * (share * p.sum(dim=0) / rows).sum()
    z_loss = z.logsumexp(dim=1).square().sum() / rows
    return experts, weights, slots, balance_loss, z_loss
