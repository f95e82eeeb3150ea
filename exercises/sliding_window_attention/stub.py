"""Attention over the last keys: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def sliding_window_attention(q: Tensor, k: Tensor, v: Tensor, window: int, sinks: int = 0) -> Tensor:
    """Causal attention of q (N, Lq, D) over the last `window` keys of k (N, Lk, D) and v (N, Lk, Dv), and the first.

    Query i is at position i + Lk - Lq. It sees the keys of its own and the window - 1 positions before it, and those of
    the first `sinks` positions that do not come after it. Returns (N, Lq, Dv) in the dtype of `q`; the cost grows with
    Lq * (window + sinks), not with Lq * Lk.
    """
    raise NotImplementedError
