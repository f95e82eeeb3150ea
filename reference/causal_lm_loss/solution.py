"""The loss of a causal language model: the mean cross-entropy of each token given those before it."""

import torch
from torch import Tensor


def causal_lm_loss(logits: Tensor, labels: Tensor, ignore_index: int = -100, num_items: int | None = None) -> Tensor:
    """Cross-entropy () of `labels` (B, L), each predicted by the `logits` (B, L, V) of the position before it."""
    if logits.ndim != 3 or labels.shape != logits.shape[:2]:
        raise ValueError(f"logits (B, L, V) and labels (B, L) are wanted, not {logits.shape} and {labels.shape}")
    if num_items is not None and num_items < 1:
        raise ValueError(f"num_items must be at least 1, not {num_items}")
    targets = labels[:, 1:]  # (B, L - 1)
    counted = targets != ignore_index  # (B, L - 1)
    wide = torch.promote_types(logits.dtype, torch.float32)  # float64 stays, half precision becomes float32
    logps = logits[:, :-1].to(wide).log_softmax(dim=-1)  # (B, L - 1, V)
    # An ignored label may be no token at all; any id will do for `gather` where nothing counts.
    indices = targets.where(counted, 0).unsqueeze(-1)
    of_targets = logps.gather(-1, indices).squeeze(-1)  # (B, L - 1)
    total = -(of_targets * counted).sum()
    if num_items is None:
        return total / counted.sum().clamp(min=1)  # 0 / 1 where nothing counts, and the graph stays whole
    return total / num_items
