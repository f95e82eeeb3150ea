"""Gives each token its weight in the loss first, so that the loss is one dot product over the whole batch."""

import math

import torch
from torch import Tensor


def group_advantages(rewards: Tensor) -> Tensor:
    """Rewards (P, G) less the mean of their group, over its standard deviation (divisor G); 0 where all are equal."""
    if rewards.ndim != 2 or not rewards.numel():
        raise ValueError("rewards need two axes of length 1 or more")
    # Counted from the first reward of the group, equal rewards are exactly 0, and small spreads lose no digits.
    shifted = rewards - rewards[:, :1]
    size = shifted.abs().amax(1, keepdim=True)
    shifted = shifted / torch.where(size > 0, size, 1)
    centered = shifted - shifted.mean(1, keepdim=True)
    spread = centered.square().mean(1, keepdim=True).sqrt()
    return torch.where(size > 0, centered / torch.where(size > 0, spread, 1), 0)


def _check(logps, old_logps, ref_logps, advantages, mask, clip_low, clip_high, beta) -> None:
    if logps.ndim != 2 or not logps.numel():
        raise ValueError("logps need two axes of length 1 or more")
    if any(part is not None and part.shape != logps.shape for part in (old_logps, ref_logps, mask)):
        raise ValueError("old_logps, ref_logps and mask need the shape of logps")
    if advantages.shape != logps.shape[:1]:
        raise ValueError("advantages need the shape (B,)")
    if not (0 <= clip_low <= 1 and 0 <= clip_high < math.inf and 0 <= beta < math.inf):
        raise ValueError("clip_low must be from 0 to 1, clip_high and beta finite and at least 0")
    if ref_logps is None and beta:
        raise ValueError("beta needs ref_logps")


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
    """(loss, kl, clip_fraction), tensors without axes; the loss is differentiable in `logps` only."""
    _check(logps, old_logps, ref_logps, advantages, mask, clip_low, clip_high, beta)

    def clean(part: Tensor) -> Tensor:
        return torch.where(mask, part, 0)

    new = clean(logps)
    old = new.detach() if old_logps is None else clean(old_logps.detach())
    gain = advantages.detach()[:, None]
    counts = mask.to(logps.dtype)
    kept = counts.sum().clamp(min=1)
    weights = counts / (counts.sum(1, keepdim=True).clamp(min=1) * len(logps))

    ratio = (new - old).exp()
    # A bound only ever holds from the side that the advantage pushes to.
    bounded = torch.where(gain > 0, ratio.clamp(max=1 + clip_high), ratio.clamp(min=1 - clip_low))
    clipped = ((gain > 0) & (ratio > 1 + clip_high)) | ((gain < 0) & (ratio < 1 - clip_low))
    gap = torch.zeros_like(new) if ref_logps is None else clean(ref_logps.detach()) - new
    divergence = gap.expm1() - gap
    loss = torch.vdot(weights.flatten(), (beta * divergence - bounded * gain).flatten())
    return loss, ((divergence * counts).sum() / kept).detach(), (clipped * counts).sum() / kept
