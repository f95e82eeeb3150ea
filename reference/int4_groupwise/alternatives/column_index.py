"""Maps each column to its group by an index: minima and maxima are scattered, scales are looked up column by column."""

import torch
from torch import Tensor


def _groups(columns: int, group_size: int, device: torch.device) -> tuple[Tensor, int]:
    """The group of each column, and how many groups there are."""
    if group_size < 1:
        raise ValueError("group_size must be at least 1")
    return torch.arange(columns, device=device) // group_size, -(-columns // group_size)


def quantize_int4(weight: Tensor, group_size: int) -> tuple[Tensor, Tensor, Tensor]:
    """(O, I) -> `(packed, scales, mins)`: (O, ceil(I / 2)) in uint8, and twice (O, ceil(I / group_size))."""
    if weight.ndim != 2:
        raise ValueError("weight needs two axes")
    rows, columns = weight.shape
    of_column, count = _groups(columns, group_size, weight.device)
    index = of_column.expand(rows, columns)
    empty = weight.new_zeros(rows, count)
    mins = empty.scatter_reduce(1, index, weight, "amin", include_self=False)
    scales = (empty.scatter_reduce(1, index, weight, "amax", include_self=False) - mins) / 15

    steps = scales[:, of_column]
    quotients = (weight - mins[:, of_column]) / torch.where(steps > 0, steps, 1)
    codes = weight.new_zeros(rows, columns + columns % 2)
    codes[:, :columns] = quotients.round().clamp(0, 15)
    codes = codes.to(torch.uint8)
    return codes[:, ::2] | codes[:, 1::2] << 4, scales, mins


def dequantize_int4(packed: Tensor, scales: Tensor, mins: Tensor, group_size: int, in_features: int) -> Tensor:
    """The weight that the codes stand for, (O, in_features), in the dtype of `scales`."""
    of_column, count = _groups(in_features, group_size, packed.device)
    if packed.ndim != 2 or packed.shape[1] != -(-in_features // 2):
        raise ValueError("packed must be (O, ceil(I / 2))")
    if not scales.shape == mins.shape == (len(packed), count):
        raise ValueError("scales and mins must be (O, ceil(I / group_size))")
    column = torch.arange(in_features, device=packed.device)
    codes = packed[:, column // 2] >> (column % 2 * 4).to(torch.uint8) & 15
    return torch.addcmul(mins[:, of_column], scales[:, of_column], codes.to(scales.dtype))


def int4_linear(x: Tensor, packed: Tensor, scales: Tensor, mins: Tensor, group_size: int) -> Tensor:
    """(…, I) -> (…, O): the product with the dequantized weight; differentiable in `x`."""
    if not x.ndim:
        raise ValueError("x needs at least one axis")
    weight = dequantize_int4(packed, scales, mins, group_size, x.shape[-1])
    return torch.einsum("...i,oi->...o", x, weight)
