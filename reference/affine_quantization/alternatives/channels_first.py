"""Every case as a matrix of one row for each channel: the whole tensor is one row, and an axis is moved to the front."""

import torch
from torch import Tensor


def choose_qparams(x: Tensor, dtype: torch.dtype, axis: int | None = None) -> tuple[Tensor, Tensor]:
    """`(scale, zero_point)` of a tensor, or of each channel along `axis`."""
    low_code, high_code = _codes(dtype)
    _check_axis(x, axis)
    if x.numel() == 0 or not x.isfinite().all():
        raise ValueError("x must have elements, all of them finite")
    rows = _rows(x, axis)
    low = rows.amin(dim=1).clamp(max=0)
    high = rows.amax(dim=1).clamp(min=0)
    scale = (high - low) / (high_code - low_code)
    scale = torch.where(high == low, torch.ones_like(scale), scale)
    zero_point = low_code - torch.round(low / scale).long()
    return (scale[0], zero_point[0]) if axis is None else (scale, zero_point)


def quantize(x: Tensor, scale: Tensor, zero_point: Tensor, dtype: torch.dtype, axis: int | None = None) -> Tensor:
    """The codes of `x`, of its shape, as `dtype`."""
    low_code, high_code = _codes(dtype)
    _check_axis(x, axis)
    s, z = _columns(x, scale, axis), _columns(x, zero_point, axis)
    steps = torch.round(_rows(x, axis) / s) + z
    return _back(steps.clamp(low_code, high_code).to(dtype), x, axis)


def dequantize(q: Tensor, scale: Tensor, zero_point: Tensor, axis: int | None = None) -> Tensor:
    """What the codes stand for, in the dtype of `scale`."""
    _check_axis(q, axis)
    s, z = _columns(q, scale, axis), _columns(q, zero_point, axis)
    return _back(s * (_rows(q, axis).long() - z).to(scale.dtype), q, axis)


def _codes(dtype: torch.dtype) -> tuple[int, int]:
    if dtype not in (torch.int8, torch.uint8):
        raise ValueError("dtype must be torch.int8 or torch.uint8")
    info = torch.iinfo(dtype)
    return info.min, info.max


def _check_axis(x: Tensor, axis: int | None) -> None:
    if axis is not None and not -x.ndim <= axis < x.ndim:
        raise ValueError(f"a tensor of {x.ndim} axes has no axis {axis}")


def _rows(x: Tensor, axis: int | None) -> Tensor:
    if axis is None:
        return x.reshape(1, x.numel())
    channels = x.shape[axis]
    return x.movedim(axis, 0).reshape(channels, x.numel() // max(channels, 1))


def _columns(x: Tensor, numbers: Tensor, axis: int | None) -> Tensor:
    if numbers.shape != (() if axis is None else (x.shape[axis],)):
        raise ValueError("scale and zero_point must have one number for each channel")
    return numbers.reshape(-1, 1)


def _back(rows: Tensor, x: Tensor, axis: int | None) -> Tensor:
    if axis is None:
        return rows.reshape(x.shape)
    return rows.reshape(x.movedim(axis, 0).shape).movedim(0, axis).contiguous()
