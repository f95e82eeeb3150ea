"""Sorts all assignments by expert, stably and choice by choice, and reads the slots off the distance to the first one."""

import torch
from torch import Tensor


def places(experts: Tensor, count: int) -> Tensor:
    """Place of each assignment among those of its expert; choice 0 of all tokens goes first."""
    tokens, k = experts.shape
    line = experts.T.reshape(-1)
    order = line.argsort(stable=True)
    sizes = torch.bincount(line, minlength=count)
    begins = sizes.cumsum(0) - sizes
    place = torch.empty_like(line)
    place[order] = torch.arange(len(line), device=line.device) - begins[line[order]]
    return place.reshape(k, tokens).T.contiguous()


def moe_router(
    logits: Tensor, k: int, capacity: int | None = None, renormalize: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    if logits.ndim != 2 or logits.shape[1] < 1:
        raise ValueError("logits must be (T, E), with at least one expert")
    tokens, count = logits.shape
    if not 1 <= k <= count or (capacity is not None and capacity < 1):
        raise ValueError("k or capacity out of range")
    if logits.dtype in (torch.float16, torch.bfloat16):
        logits = logits.float()

    ranked, order = logits.sort(dim=1, descending=True, stable=True)
    experts = order[:, :k].contiguous()
    probabilities = logits.softmax(dim=1)
    weights = ranked[:, :k].softmax(dim=1) if renormalize else probabilities.gather(1, experts)

    slots = places(experts, count)
    if capacity is not None:
        dropped = slots >= capacity
        slots = slots.masked_fill(dropped, -1)
        weights = weights.masked_fill(dropped, 0.0)

    several = max(tokens, 1)
    load = torch.bincount(experts.reshape(-1), minlength=count).to(logits.dtype) / (several * k)
    balance_loss = count * (load * probabilities.sum(dim=0) / several).sum()
    z_loss = (logits.logsumexp(dim=1) ** 2).sum() / several
    return experts, weights, slots, balance_loss, z_loss
