"""Cross-entropy in chunks: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def chunked_cross_entropy(
    hidden: Tensor, weight: Tensor, labels: Tensor, chunk_size: int = 1024, ignore_index: int = -100
) -> Tensor:
    """Mean cross-entropy () of `labels` (N,) under the logits of `hidden` (N, D) times `weight` (V, D) transposed.

    No more than `chunk_size` rows of logits are in memory at once, in forward and in backward.
    """
    raise NotImplementedError
