"""Log-probabilities of answers, and the loss of direct preference optimization (Rafailov et al. 2023)."""

import math

import torch
from torch.nn.functional import logsigmoid


def sequence_logps(logits, tokens, mask):
    """Log-probability (B,) of the tokens that `mask` keeps, each predicted by the logits of the position before it."""
    counted = mask[:, 1:]  # (B, L - 1)
    # Padding may be no token at all; any id will do where nothing counts. A new tensor, for a slice is the caller's.
    targets = tokens[:, 1:].masked_fill(~counted, 0)
    wide = torch.promote_types(logits.dtype, torch.float32)  # float64 stays, half precision becomes float32
    logps = logits[:, :-1].to(wide).log_softmax(dim=-1)  # (B, L - 1, V)
    of_targets = logps.gather(-1, targets.unsqueeze(-1)).squeeze(-1)  # (B, L - 1)
    return (of_targets * counted).sum(dim=-1)


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta=0.1, label_smoothing=0.0):
    """(loss, chosen_rewards, rejected_rewards) of four tensors (B,); only the policy's get a gradient."""
    batch = policy_chosen.shape
    differ = any(other.shape != batch for other in (policy_rejected, reference_chosen, reference_rejected))
    if differ or len(batch) != 1 or batch.numel() == 0:
        raise ValueError("the log-probabilities must all have one shape (B,), B at least 1")
    if not 0 < beta < math.inf:
        raise ValueError("beta must be finite and greater than 0")
    if not 0 <= label_smoothing < 0.5:
        raise ValueError("label_smoothing must be at least 0 and less than 0.5")
    chosen = beta * (policy_chosen - reference_chosen.detach())  # (B,)
    rejected = beta * (policy_rejected - reference_rejected.detach())  # (B,)
    margin = chosen - rejected  # (B,)
    as_labeled = (1 - label_smoothing) * logsigmoid(margin)
    if_swapped = label_smoothing * logsigmoid(-margin)
    return -(as_labeled + if_swapped).mean(), chosen.detach(), rejected.detach()
