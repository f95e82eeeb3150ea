"""Rotary position embedding: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def rope(x: Tensor, positions: Tensor, base: float = 10000.0, interleaved: bool = False) -> Tensor:
    """Turn pair i of every vector at position p by the angle p * base ** (-2 * i / D).

    x: (B, H, L, D), D even; positions: int64, (L,) or (B, L), none negative. Pairs are elements i and i + D/2, or with
    `interleaved` 2i and 2i + 1. Returns a new tensor of the shape and dtype of `x`. ValueError for other shapes, a
    negative position, and a `base` that is 0, negative, infinite or NaN.
    """
    raise NotImplementedError
