"""Group advantages and the clipped loss of group relative policy optimization (Shao et al. 2024)."""

import math

import torch


def group_advantages(rewards):
    """Rewards (P, G), standardized within each group; exactly 0 in a group of equal rewards."""
    if rewards.ndim != 2 or rewards.numel() == 0:
        raise ValueError("rewards must have two axes of length 1 or more")
    centered = rewards - rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, correction=0, keepdim=True)
    # Asked of the rewards themselves: the mean of equal floats is rounded, and rounding divided by rounding is not 0.
    all_equal = rewards.amax(dim=1, keepdim=True) == rewards.amin(dim=1, keepdim=True)
    return (centered / spread).masked_fill(all_equal, 0.0)


def grpo_loss(logps, old_logps, ref_logps, advantages, mask, clip_low=0.2, clip_high=0.2, beta=0.04):
    """(loss, kl, clip_fraction), the mean over answers of the mean over tokens, and two figures without gradient."""
    _check_shapes(logps, old_logps, ref_logps, advantages, mask)
    if not (0 <= clip_low <= 1 and 0 <= clip_high < math.inf and 0 <= beta < math.inf):
        raise ValueError("clip_low must be from 0 to 1; clip_high and beta must be finite and at least 0")
    if ref_logps is None and beta != 0:
        raise ValueError("a beta other than 0 needs ref_logps")
    # Before any arithmetic: hiding a NaN in a result does not hide it from the gradient.
    now = logps.masked_fill(~mask, 0.0)  # (B, L)
    old = now.detach() if old_logps is None else old_logps.detach().masked_fill(~mask, 0.0)
    ratio = (now - old).exp()
    advantage = advantages.detach().unsqueeze(1)  # (B, 1)
    free = ratio * advantage
    bounded = ratio.clamp(1 - clip_low, 1 + clip_high) * advantage
    kl = torch.zeros_like(now)
    if ref_logps is not None:
        ref_over_now = ref_logps.detach().masked_fill(~mask, 0.0) - now
        kl = ref_over_now.exp() - ref_over_now - 1
    objective = (torch.minimum(free, bounded) - beta * kl) * mask
    of_answers = objective.sum(dim=1) / mask.sum(dim=1).clamp(min=1)
    kept = mask.sum().clamp(min=1)
    clipped = free > bounded  # nowhere but at kept tokens: the ratio of the others is 1
    return -of_answers.mean(), kl.detach().sum() / kept, clipped.sum().to(logps.dtype) / kept


def _check_shapes(logps, old_logps, ref_logps, advantages, mask):
    """ValueError unless all fit to `logps`, (B, L) with no axis of length 0."""
    if logps.ndim != 2 or logps.numel() == 0:
        raise ValueError("logps must have two axes of length 1 or more")
    if any(other is not None and other.shape != logps.shape for other in (old_logps, ref_logps, mask)):
        raise ValueError("old_logps, ref_logps and mask must have the shape of logps")
    if advantages.shape != logps.shape[:1]:
        raise ValueError("advantages must have shape (B,)")
