"""Grouped-query attention: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def grouped_query_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """Attention of H query heads, in groups of H / G in a row, that each share one of G heads of keys and values.

    q: (B, H, Lq, D); k: (B, G, Lk, D); v: (B, G, Lk, Dv); mask: bool, broadcastable to (B, H, Lq, Lk), True = may
    attend. Returns (B, H, Lq, Dv) in the dtype of `q`, zeros for a query that may attend to nothing. ValueError for
    other shapes and for a mask that is not boolean.
    """
    raise NotImplementedError
