"""Scaled dot-product attention: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def scaled_dot_product(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    """Softmax of q · k / sqrt(D) over the keys that each query may attend to, times v; zeros where it may to none.

    q: (…, Lq, D); k: (…, Lk, D); v: (…, Lk, Dv), with the same leading axes; mask: bool, broadcastable to
    (…, Lq, Lk), True = may attend. With `causal`, query i sees keys up to i + Lk - Lq. Returns (…, Lq, Dv) in the
    dtype of `q`. ValueError for other shapes and for a mask that is not boolean.
    """
    raise NotImplementedError
