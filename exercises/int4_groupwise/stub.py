"""Group-wise 4-bit weights: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def quantize_int4(weight: Tensor, group_size: int) -> tuple[Tensor, Tensor, Tensor]:
    """(O, I) -> `(packed, scales, mins)`: (O, ceil(I / 2)) in uint8, and twice (O, ceil(I / group_size))."""
    raise NotImplementedError


def dequantize_int4(packed: Tensor, scales: Tensor, mins: Tensor, group_size: int, in_features: int) -> Tensor:
    """The weight that the codes stand for, (O, in_features), in the dtype of `scales`."""
    raise NotImplementedError


def int4_linear(x: Tensor, packed: Tensor, scales: Tensor, mins: Tensor, group_size: int) -> Tensor:
    """(…, I) -> (…, O): the product with the dequantized weight; differentiable in `x`."""
    raise NotImplementedError
