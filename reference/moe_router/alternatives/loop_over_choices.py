"""Experts taken one choice at a time, with a running count of what each expert has got, as the early papers do it."""

import torch


def moe_router(logits, k, capacity=None, renormalize=True):
    if logits.dim() != 2 or logits.size(1) == 0 or k < 1 or k > logits.size(1):
        raise ValueError("logits must be (T, E), and k from 1 to E")
    if capacity is not None and capacity <= 0:
        raise ValueError("capacity")
    z = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
    count_tokens, count_experts = z.shape
    log_p = torch.log_softmax(z, dim=-1)

    left = z.detach().clone()
    taken = torch.zeros(count_experts, dtype=torch.int64, device=z.device)
    all_experts, all_slots, log_weights = [], [], []
    for _ in range(k):
        best = (left == left.amax(dim=1, keepdim=True)).int().argmax(dim=1) if count_tokens else taken[:0]
        left = left.scatter(1, best[:, None], float("-inf"))
        mask = torch.zeros_like(left, dtype=torch.int64).scatter_(1, best[:, None], 1)
        place = ((mask.cumsum(0) - mask + taken) * mask).sum(dim=1)
        taken = taken + mask.sum(0)
        all_experts.append(best)
        all_slots.append(place)
        log_weights.append((log_p * mask).sum(dim=1))
    experts, slots = torch.stack(all_experts, dim=1), torch.stack(all_slots, dim=1)
    weights = torch.stack(log_weights, dim=1)
    weights = weights.softmax(dim=1) if renormalize else weights.exp()
    if capacity is not None:
        fits = slots < capacity
        slots = torch.where(fits, slots, torch.full_like(slots, -1))
        weights = torch.where(fits, weights, torch.zeros_like(weights))
    if count_tokens == 0:
        return experts, weights, slots, z.sum(), z.sum()
    share = taken.to(z.dtype) / (count_tokens * k)
    balance = count_experts * torch.dot(share, log_p.exp().mean(dim=0))
    return experts, weights, slots, balance, (torch.logsumexp(z, dim=1) ** 2).mean()
