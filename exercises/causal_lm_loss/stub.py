"""Causal language-modeling loss: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def causal_lm_loss(logits: Tensor, labels: Tensor, ignore_index: int = -100, num_items: int | None = None) -> Tensor:
    """Cross-entropy () of `labels` (B, L), each predicted by the `logits` (B, L, V) of the position before it.

    The sum over labels that are not `ignore_index` is divided by their number, or by `num_items` if that is given.
    """
    raise NotImplementedError
