"""Attention in tiles: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def flash_attention(
    q: Tensor, k: Tensor, v: Tensor, causal: bool = False, block_size: int = 128
) -> tuple[Tensor, Tensor]:
    """Attention of q (N, Lq, D) over k (N, Lk, D) and v (N, Lk, Dv), and the logsumexp of each query's scores.

    Scores exist for one tile of `block_size` queries and keys at a time. With `causal`, query i sees keys up to
    i + Lk - Lq. Returns (N, Lq, Dv) and (N, Lq) in the dtype of `q`: zeros and -inf where a query sees nothing.
    """
    raise NotImplementedError
