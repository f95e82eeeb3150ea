"""Only the kept positions are looked up, and added up by row; the loss is made of `logaddexp`, in `float64`."""

import math

import torch
from torch import Tensor


def sequence_logps(logits: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    work = torch.promote_types(logits.dtype, torch.float32)
    rows, before = mask[:, 1:].nonzero(as_tuple=True)
    kept = logits[rows, before].to(work).log_softmax(dim=-1)
    picked = kept.gather(1, tokens[rows, before + 1].unsqueeze(1)).squeeze(1)
    return torch.zeros(len(logits), dtype=work, device=logits.device).index_add(0, rows, picked)


def dpo_loss(
    policy_chosen: Tensor,
    policy_rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    beta: float = 0.1,
    label_smoothing: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor]:
    tensors = (policy_chosen, policy_rejected, reference_chosen, reference_rejected)
    if policy_chosen.dim() != 1 or len(policy_chosen) == 0 or len({tuple(one.shape) for one in tensors}) > 1:
        raise ValueError("the four tensors must have one shape (B,) with B at least 1")
    if not (math.isfinite(beta) and beta > 0):
        raise ValueError("beta must be finite and greater than 0")
    if not 0 <= label_smoothing < 0.5:
        raise ValueError("label_smoothing must be in [0, 0.5)")

    chosen = beta * (policy_chosen.double() - reference_chosen.detach().double())
    rejected = beta * (policy_rejected.double() - reference_rejected.detach().double())
    margin = chosen - rejected
    zero = torch.zeros_like(margin)
    right, swapped = torch.logaddexp(zero, -margin), torch.logaddexp(zero, margin)
    loss = ((1 - label_smoothing) * right + label_smoothing * swapped).mean()
    dtype = policy_chosen.dtype
    return loss.to(dtype), chosen.detach().to(dtype), rejected.detach().to(dtype)
