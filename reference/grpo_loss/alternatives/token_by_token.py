"""GRPO on the kept tokens only, picked out of the batch, with the clip written by the sign of the advantage."""

import math

import torch


def group_advantages(rewards):
    if rewards.dim() != 2 or min(rewards.shape) < 1:
        raise ValueError("rewards")
    groups = []
    for group in rewards.double():
        deviation = group - group.sum() / len(group)
        variance = (deviation * deviation).sum() / len(group)
        differ = bool((group != group[0]).any())
        groups.append(deviation / variance.sqrt() if differ else torch.zeros_like(group))
    return torch.stack(groups).to(rewards.dtype)


def grpo_loss(logps, old_logps, ref_logps, advantages, mask, clip_low=0.2, clip_high=0.2, beta=0.04):
    if logps.dim() != 2 or 0 in logps.shape or tuple(advantages.shape) != (logps.shape[0],):
        raise ValueError("logps or advantages")
    for other in (old_logps, ref_logps, mask):
        if other is not None and other.shape != logps.shape:
            raise ValueError("shapes")
    if not 0 <= clip_low <= 1 or not clip_high >= 0 or not beta >= 0 or math.isinf(clip_high + beta):
        raise ValueError("factors")
    if ref_logps is None and beta > 0:
        raise ValueError("no reference")
    answer, token = mask.nonzero(as_tuple=True)  # (N,), (N,)
    new = logps[answer, token]
    with torch.no_grad():
        old = new.clone() if old_logps is None else old_logps[answer, token]
        gain = advantages[answer]
        weight = 1.0 / mask.sum(dim=1)[answer].to(logps.dtype) / logps.shape[0]
    ratio = torch.exp(new - old)
    # min(rho A, clip(rho) A) caps rho from above where A > 0 and from below where A < 0.
    capped = torch.where(gain >= 0, ratio.clamp(max=1 + clip_high), ratio.clamp(min=1 - clip_low))
    token_loss = -capped * gain
    with torch.no_grad():
        hit = torch.where(gain > 0, ratio > 1 + clip_high, (ratio < 1 - clip_low) & (gain < 0))
    divergence = torch.zeros_like(new)
    if ref_logps is not None:
        gap = ref_logps.detach()[answer, token] - new
        divergence = torch.expm1(gap) - gap
        token_loss = token_loss + beta * divergence
    count = max(len(new), 1)
    return (token_loss * weight).sum(), divergence.detach().sum() / count, hit.to(logps.dtype).sum() / count
