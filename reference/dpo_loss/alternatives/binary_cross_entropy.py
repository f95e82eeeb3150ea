"""The loss is binary cross-entropy of the margin with soft labels; log-probabilities are a picked logit less a logsumexp."""

import math

import torch
from torch import Tensor
from torch.nn import functional


def sequence_logps(logits: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    """Log-probability (B,) of the tokens that `mask` keeps, each predicted by the logits of the position before it."""
    if logits.dtype in (torch.bfloat16, torch.float16):
        logits = logits.float()
    scores, kept = logits[:, :-1], mask[:, 1:]
    targets = torch.where(kept, tokens[:, 1:], 0)
    logps = scores.gather(2, targets[..., None]).squeeze(2) - scores.logsumexp(2)
    return torch.einsum("bt,bt->b", logps, kept.to(logps.dtype))


def dpo_loss(
    policy_chosen: Tensor,
    policy_rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    beta: float = 0.1,
    label_smoothing: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor]:
    """(loss, chosen_rewards, rejected_rewards) from four tensors (B,) of log-probabilities."""
    shape = policy_chosen.shape
    if len(shape) != 1 or not shape[0]:
        raise ValueError("the log-probabilities must be (B,) with B >= 1")
    if any(part.shape != shape for part in (policy_rejected, reference_chosen, reference_rejected)):
        raise ValueError("the four tensors must have one shape")
    if not 0 < beta < math.inf:
        raise ValueError("beta must be finite and greater than 0")
    if not 0 <= label_smoothing < 0.5:
        raise ValueError("label_smoothing must be at least 0 and less than 0.5")
    chosen = beta * (policy_chosen - reference_chosen.detach())
    rejected = beta * (policy_rejected - reference_rejected.detach())
    margin = chosen - rejected
    right = torch.full_like(margin, 1 - label_smoothing)
    loss = functional.binary_cross_entropy_with_logits(margin, right)
    return loss, chosen.detach(), rejected.detach()
