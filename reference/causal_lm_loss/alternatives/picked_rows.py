"""Only the rows that predict something are picked out; their loss is a log-sum-exp over differences of logits."""

import torch
from torch import Tensor


def causal_lm_loss(logits: Tensor, labels: Tensor, ignore_index: int = -100, num_items: int | None = None) -> Tensor:
    if logits.dim() != 3 or labels.shape != logits.shape[:2]:
        raise ValueError("logits must be (B, L, V) and labels (B, L)")
    if num_items is not None and num_items < 1:
        raise ValueError("num_items must be at least 1")
    batch, position = (labels[:, 1:] != ignore_index).nonzero(as_tuple=True)
    targets = labels[batch, position + 1]
    rows = logits[batch, position].to(torch.promote_types(logits.dtype, torch.float32))
    # log(sum(exp(z - z_label))), so that nothing large is subtracted at the end
    losses = (rows - rows.gather(1, targets[:, None])).logsumexp(1)
    return losses.sum() / (max(len(targets), 1) if num_items is None else num_items)
