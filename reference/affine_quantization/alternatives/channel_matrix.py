"""Every tensor is seen as a matrix of one row for each channel, (C, rest), in `float64`, and folded back at the end."""

import torch
from torch import Tensor

CODES = {torch.int8: (-128, 127), torch.uint8: (0, 255)}


def limits(dtype: torch.dtype) -> tuple[int, int]:
    if dtype not in CODES:
        raise ValueError("dtype must be torch.int8 or torch.uint8")
    return CODES[dtype]


def rows(x: Tensor, axis: int | None) -> Tensor:
    """(C, rest); one row without an axis."""
    if axis is None:
        return x.reshape(1, -1)
    if not -x.dim() <= axis < x.dim():
        raise ValueError("there is no such axis")
    moved = x.movedim(axis, 0)
    return moved.reshape(len(moved), moved[:1].numel() if len(moved) else 0)


def fold(matrix: Tensor, shape: torch.Size, axis: int | None) -> Tensor:
    """What `rows` took apart, put together."""
    if axis is None:
        return matrix.reshape(shape)
    axis %= len(shape)
    return matrix.reshape(shape[axis], *shape[:axis], *shape[axis + 1 :]).movedim(0, axis)


def columns(scale: Tensor, zero_point: Tensor, n_channels: int, axis: int | None) -> tuple[Tensor, Tensor]:
    """Scale and zero point as (C, 1)."""
    expected = () if axis is None else (n_channels,)
    if tuple(scale.shape) != expected or tuple(zero_point.shape) != expected:
        raise ValueError(f"scale and zero_point must have shape {expected}")
    return scale.reshape(-1, 1), zero_point.reshape(-1, 1)


def choose_qparams(x: Tensor, dtype: torch.dtype, axis: int | None = None) -> tuple[Tensor, Tensor]:
    lowest, highest = limits(dtype)
    matrix = rows(x, axis).double()
    if matrix.numel() == 0 or not matrix.isfinite().all():
        raise ValueError("x must have elements, all of them finite")
    low, high = matrix.amin(1).clamp(max=0), matrix.amax(1).clamp(min=0)
    scale = (high - low) / (highest - lowest)
    scale[scale == 0] = 1
    zero_point = lowest - torch.round(low / scale).long()
    shape = () if axis is None else (-1,)
    return scale.to(x.dtype).reshape(shape), zero_point.reshape(shape)


def quantize(x: Tensor, scale: Tensor, zero_point: Tensor, dtype: torch.dtype, axis: int | None = None) -> Tensor:
    lowest, highest = limits(dtype)
    matrix = rows(x, axis).double()
    s, z = columns(scale, zero_point, len(matrix), axis)
    codes = (torch.round(matrix / s) + z).clamp(lowest, highest).to(dtype)
    return fold(codes, x.shape, axis)


def dequantize(q: Tensor, scale: Tensor, zero_point: Tensor, axis: int | None = None) -> Tensor:
    matrix = rows(q, axis).long()
    s, z = columns(scale, zero_point, len(matrix), axis)
    return fold((matrix - z).to(scale.dtype) * s, q.shape, axis)
