"""Top-k gating with expert capacity, the load-balancing loss of Switch Transformers and the router z-loss of ST-MoE.

Shapes: T tokens, E experts, k choices of each token.
"""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def moe_router(
    logits: Tensor, k: int, capacity: int | None = None, renormalize: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """`(experts, weights, slots, balance_loss, z_loss)` for logits (T, E); the first three are (T, k)."""
    if logits.ndim != 2:
        raise ValueError(f"logits must be (T, E), not {tuple(logits.shape)}")
    tokens, num_experts = logits.shape
    if not 1 <= k <= num_experts:
        raise ValueError(f"k must be from 1 to {num_experts}, not {k}")  # so no experts are refused too
    if capacity is not None and capacity < 1:
        raise ValueError(f"capacity must be at least 1, not {capacity}")

    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    probs = logits.softmax(dim=1)
    # By logit, since probabilities may all be 0; stable, so that the lower index comes first among equals.
    experts = logits.argsort(dim=1, descending=True, stable=True)[:, :k]
    weights = probs.gather(1, experts)
    if renormalize:
        weights = weights / weights.sum(dim=1, keepdim=True)

    # In the order of service, choice by choice: a place is the number of earlier assignments to the same expert.
    queue = experts.T.flatten()  # (k T,)
    chosen = one_hot(queue, num_experts)  # (k T, E), int64: half precision could not count
    slots = (chosen.cumsum(dim=0) - 1).gather(1, queue[:, None]).reshape(k, tokens).T
    if capacity is not None:
        dropped = slots >= capacity
        slots = slots.masked_fill(dropped, -1)
        weights = weights.masked_fill(dropped, 0.0)

    load = chosen.sum(dim=0).to(probs.dtype) / max(tokens * k, 1)  # of all assignments, the dropped ones too
    mean_probs = probs.sum(dim=0) / max(tokens, 1)
    balance_loss = num_experts * (load * mean_probs).sum()
    z_loss = logits.logsumexp(dim=1).square().sum() / max(tokens, 1)
    return experts, weights, slots, balance_loss, z_loss
