"""Kept tokens lie in one flat list, each with a weight of 1 / (B times the length of its answer); none is padded."""

import math

import torch
from torch import Tensor


def group_advantages(rewards: Tensor) -> Tensor:
    if rewards.dim() != 2 or 0 in rewards.shape:
        raise ValueError("rewards must be (P, G), with at least one prompt and one answer")
    spread = rewards.double() - rewards[:, :1].double()  # exactly 0 where all are equal
    largest = spread.abs().amax(1, keepdim=True)
    spread = spread / torch.where(largest > 0, largest, 1.0)
    spread = spread - spread.mean(1, keepdim=True)
    deviation = spread.square().mean(1, keepdim=True).sqrt()
    return (spread / torch.where(deviation > 0, deviation, 1.0)).to(rewards.dtype)


def grpo_loss(
    logps: Tensor,
    old_logps: Tensor | None,
    ref_logps: Tensor | None,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float = 0.2,
    clip_high: float = 0.2,
    beta: float = 0.04,
) -> tuple[Tensor, Tensor, Tensor]:
    if logps.dim() != 2 or 0 in logps.shape:
        raise ValueError("logps must be (B, L), with at least one answer and one token")
    if any(one is not None and one.shape != logps.shape for one in (mask, old_logps, ref_logps)):
        raise ValueError("mask and log-probabilities differ in shape")
    if advantages.shape != logps.shape[:1]:
        raise ValueError("advantages must be (B,)")
    if not 0 <= clip_low <= 1 or not all(math.isfinite(x) and x >= 0 for x in (clip_high, beta)):
        raise ValueError("clip_low, clip_high or beta is out of range")
    if ref_logps is None and beta != 0:
        raise ValueError("beta needs ref_logps")

    answer, _ = mask.nonzero(as_tuple=True)
    new = logps[mask]
    old = new.detach() if old_logps is None else old_logps.detach()[mask]
    advantage = advantages.detach()[answer]
    count = max(len(new), 1)

    ratio = (new - old).exp()
    above, below = ratio > 1 + clip_high, ratio < 1 - clip_low
    clipped = (above & (advantage > 0)) | (below & (advantage < 0))
    gain = torch.where(clipped, ratio.detach().clamp(1 - clip_low, 1 + clip_high), ratio) * advantage

    penalty = torch.zeros_like(new)
    if ref_logps is not None:
        gap = ref_logps.detach()[mask] - new
        penalty = gap.expm1() - gap

    share = 1 / (len(logps) * mask.sum(1)[answer].to(logps.dtype))
    loss = -((gain - beta * penalty) * share).sum()
    return loss, penalty.detach().sum() / count, clipped.to(logps.dtype).sum() / count
