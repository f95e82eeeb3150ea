"""DPO through cross-entropy with ignored places, and softplus of the margin of log-ratios."""

import torch
from torch.nn import functional as F


def sequence_logps(logits, tokens, mask):
    batch, length, _ = logits.shape
    if logits.dtype in (torch.float16, torch.bfloat16):
        logits = logits.float()
    total = []
    for row in range(batch):
        labels = torch.where(mask[row, 1:], tokens[row, 1:], torch.full_like(tokens[row, 1:], -100))
        total.append(-F.cross_entropy(logits[row, : length - 1], labels, ignore_index=-100, reduction="sum"))
    return torch.stack(total)


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta=0.1, label_smoothing=0.0):
    given = (policy_chosen, policy_rejected, reference_chosen, reference_rejected)
    if {each.dim() for each in given} != {1} or len({len(each) for each in given}) != 1 or len(policy_chosen) < 1:
        raise ValueError("shapes")
    if not 0 < beta < float("inf") or not (label_smoothing >= 0 and label_smoothing < 0.5):
        raise ValueError("beta or label_smoothing")
    with torch.no_grad():
        chosen_rewards = (policy_chosen - reference_chosen) * beta
        rejected_rewards = (policy_rejected - reference_rejected) * beta
        reference_margin = reference_chosen - reference_rejected
    h = beta * ((policy_chosen - policy_rejected) - reference_margin)
    # -log sigmoid(h) = softplus(-h), and softplus(h) = softplus(-h) + h
    return (F.softplus(-h) + label_smoothing * h).mean(), chosen_rewards, rejected_rewards
