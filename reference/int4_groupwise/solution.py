"""Group-wise asymmetric 4-bit weights: a scale and a minimum for each group of columns in a row, two codes to a byte.

Shapes: O = rows, I = columns, N = groups in a row; a code's group follows from its column, its byte does not matter.
"""

import torch
from torch import Tensor
from torch.nn import functional

LEVELS = 15  # steps between 16 codes


def quantize_int4(weight: Tensor, group_size: int) -> tuple[Tensor, Tensor, Tensor]:
    """(O, I) -> `(packed, scales, mins)`: (O, ceil(I / 2)) in uint8, and twice (O, N)."""
    if weight.ndim != 2:
        raise ValueError(f"weight must have two axes, not {weight.ndim}")
    rows, columns = weight.shape
    groups = _count(columns, group_size)

    def grouped(filler: float) -> Tensor:
        """(O, N, group_size); what fills the last group must not be its smallest or largest element."""
        filled = functional.pad(weight, (0, groups * group_size - columns), value=filler)
        return filled.reshape(rows, groups, group_size)

    mins = grouped(torch.inf).amin(dim=-1)
    scales = (grouped(-torch.inf).amax(dim=-1) - mins) / LEVELS
    steps = torch.where(scales > 0, scales, 1.0)
    codes = (weight - _by_column(mins, group_size, columns)) / _by_column(steps, group_size, columns)
    return _pack(torch.round(codes).to(torch.uint8)), scales, mins


def dequantize_int4(packed: Tensor, scales: Tensor, mins: Tensor, group_size: int, in_features: int) -> Tensor:
    """(O, in_features) in the dtype of `scales`."""
    rows, groups = packed.shape[:1], _count(in_features, group_size)
    if packed.shape != (*rows, _count(in_features, 2)):
        raise ValueError(f"packed, {tuple(packed.shape)}, does not hold rows of {in_features} codes")
    if scales.shape != (*rows, groups) or mins.shape != (*rows, groups):
        raise ValueError(f"scales and mins must be {(*rows, groups)}")
    codes = torch.stack([packed & 15, packed >> 4], dim=-1).flatten(1)[:, :in_features]
    return codes * _by_column(scales, group_size, in_features) + _by_column(mins, group_size, in_features)


def int4_linear(x: Tensor, packed: Tensor, scales: Tensor, mins: Tensor, group_size: int) -> Tensor:
    """(…, I) -> (…, O): the product with the dequantized weight."""
    if x.ndim == 0:
        raise ValueError("x must have an axis")
    return functional.linear(x, dequantize_int4(packed, scales, mins, group_size, x.shape[-1]))


def _count(columns: int, size: int) -> int:
    """How many groups of that size it takes."""
    if size < 1:
        raise ValueError(f"group_size must be at least 1, not {size}")
    return -(-columns // size)


def _by_column(values: Tensor, group_size: int, columns: int) -> Tensor:
    """(O, N) -> (O, I): each column's own."""
    return values.repeat_interleave(group_size, dim=1)[:, :columns]


def _pack(codes: Tensor) -> Tensor:
    """(O, I) -> (O, ceil(I / 2)): even columns in the low bits."""
    even = functional.pad(codes, (0, codes.shape[1] % 2))
    return even[:, ::2] | even[:, 1::2] << 4
