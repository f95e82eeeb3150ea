"""Only the rows of logits whose next label counts are picked; each is shifted by its maximum before its logarithm."""

from torch import Tensor, promote_types
from torch import float32 as single


def causal_lm_loss(logits: Tensor, labels: Tensor, ignore_index: int = -100, num_items: int | None = None) -> Tensor:
    """Cross-entropy () of `labels` (B, L), each predicted by the `logits` (B, L, V) of the position before it."""
    if logits.ndim != 3 or labels.shape != logits.shape[:2]:
        raise ValueError("logits must be (B, L, V), and labels (B, L)")
    if num_items is not None and num_items < 1:
        raise ValueError("num_items must be at least 1")
    following = labels[:, 1:]
    counts = following != ignore_index
    rows = logits[:, :-1][counts].to(promote_types(logits.dtype, single))
    targets = following[counts]

    rows = rows - rows.detach().amax(dim=1, keepdim=True)
    losses = rows.exp().sum(dim=1).log() - rows.gather(1, targets[:, None]).squeeze(1)
    return losses.sum() / (num_items or max(len(targets), 1))
