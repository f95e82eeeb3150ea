"""The last column is repeated until the groups are whole, and the product multiplies codes first and scales after."""

import torch
from torch import Tensor
from torch.nn.functional import pad


def quantize_int4(weight: Tensor, group_size: int) -> tuple[Tensor, Tensor, Tensor]:
    """(O, I) -> `(packed, scales, mins)`: (O, ceil(I / 2)) in uint8, and twice (O, ceil(I / group_size))."""
    if weight.ndim != 2:
        raise ValueError("weight needs two dimensions")
    rows, columns = weight.shape
    size, count = _groups(group_size, columns)
    if columns == 0:
        return weight.new_zeros((rows, 0), dtype=torch.uint8), weight.new_zeros(rows, 0), weight.new_zeros(rows, 0)
    extra = weight[:, -1:].expand(rows, size * count - columns)
    grouped = torch.cat([weight, extra], dim=1).unflatten(1, (count, size))
    mins = grouped.amin(-1)
    scales = (grouped.amax(-1) - mins) / 15
    divisors = torch.where(scales == 0, torch.ones_like(scales), scales)
    codes = ((grouped - mins[..., None]) / divisors[..., None]).round().to(torch.uint8)
    pairs = pad(codes.flatten(1)[:, :columns], (0, columns % 2)).unflatten(1, ((columns + 1) // 2, 2))
    return pairs[..., 0] + 16 * pairs[..., 1], scales, mins


def dequantize_int4(packed: Tensor, scales: Tensor, mins: Tensor, group_size: int, in_features: int) -> Tensor:
    """The weight that the codes stand for, (O, in_features), in the dtype of `scales`."""
    codes = _grouped_codes(packed, scales, mins, group_size, in_features)
    return (scales[..., None] * codes + mins[..., None]).flatten(1)[:, :in_features]


def int4_linear(x: Tensor, packed: Tensor, scales: Tensor, mins: Tensor, group_size: int) -> Tensor:
    """(…, I) -> (…, O): the product with the dequantized weight; differentiable in `x`."""
    if x.ndim == 0:
        raise ValueError("x needs a dimension")
    columns = x.shape[-1]
    codes = _grouped_codes(packed, scales, mins, group_size, columns)
    count, size = codes.shape[1:]
    parts = pad(x, (0, count * size - columns)).unflatten(-1, (count, size))
    scaled = torch.einsum("...ng,ong,on->...o", parts, codes, scales)
    return scaled + parts.sum(-1) @ mins.mT


def _groups(group_size: int, columns: int) -> tuple[int, int]:
    """Columns of a group, no more than there are, and the number of groups."""
    if group_size < 1:
        raise ValueError("group_size must be at least 1")
    size = min(group_size, max(columns, 1))
    return size, -(-columns // size)


def _grouped_codes(packed: Tensor, scales: Tensor, mins: Tensor, group_size: int, columns: int) -> Tensor:
    """Codes (O, N, G) in the dtype of the scales, 0 behind the last column."""
    size, count = _groups(group_size, columns)
    if packed.ndim != 2 or packed.shape[1] != (columns + 1) // 2:
        raise ValueError("packed has another shape")
    if not scales.shape == mins.shape == (packed.shape[0], count):
        raise ValueError("scales or mins have another shape")
    codes = torch.stack([packed & 15, packed >> 4], dim=-1).flatten(1)[:, :columns]
    return pad(codes, (0, size * count - columns)).unflatten(1, (count, size)).to(scales.dtype)
