"""Affine quantization (Jacob et al. 2018): a float is a scale times an integer less a zero point.

C = number of channels, the indices of `axis`.
"""

import torch
from torch import Tensor

CODES = {torch.int8: (-128, 127), torch.uint8: (0, 255)}


def choose_qparams(x: Tensor, dtype: torch.dtype, axis: int | None = None) -> tuple[Tensor, Tensor]:
    """`(scale, zero_point)` of a tensor, both of shape (), or of each channel along `axis`, both (C,)."""
    q_min, q_max = _codes(dtype)
    _check_axis(x, axis)
    if x.numel() == 0 or not x.isfinite().all():
        raise ValueError("x must have elements, all of them finite")
    rows = x.reshape(-1) if axis is None else x.movedim(axis, 0).reshape(x.shape[axis], -1)
    low = rows.amin(dim=-1).clamp(max=0)  # () or (C,); with zero in the range it has a code of its own
    high = rows.amax(dim=-1).clamp(min=0)
    scale = (high - low) / (q_max - q_min)
    scale = torch.where(scale > 0, scale, 1.0)
    return scale, q_min - torch.round(low / scale).to(torch.int64)


def quantize(x: Tensor, scale: Tensor, zero_point: Tensor, dtype: torch.dtype, axis: int | None = None) -> Tensor:
    """The codes of `x`, of its shape, as `dtype`."""
    q_min, q_max = _codes(dtype)
    scale, zero_point = _along(x, scale, zero_point, axis)
    codes = torch.round(x / scale) + zero_point  # still floats: infinity is one of them, and nothing wraps around
    return codes.clamp(q_min, q_max).to(dtype)


def dequantize(q: Tensor, scale: Tensor, zero_point: Tensor, axis: int | None = None) -> Tensor:
    """What the codes stand for, of the shape of `q`, in the dtype of `scale`."""
    scale, zero_point = _along(q, scale, zero_point, axis)
    return (q.to(scale.dtype) - zero_point) * scale  # eight bits do not hold the difference


def _codes(dtype: torch.dtype) -> tuple[int, int]:
    """The smallest and the largest code."""
    if dtype not in CODES:
        raise ValueError(f"dtype must be torch.int8 or torch.uint8, not {dtype}")
    return CODES[dtype]


def _check_axis(x: Tensor, axis: int | None) -> None:
    if axis is not None and not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis {axis} of a tensor with {x.ndim} axes")


def _along(x: Tensor, scale: Tensor, zero_point: Tensor, axis: int | None) -> tuple[Tensor, Tensor]:
    """Both parameters, shaped so that they broadcast along `axis` of `x`."""
    _check_axis(x, axis)
    wanted = () if axis is None else (x.shape[axis],)
    if scale.shape != wanted or zero_point.shape != wanted:
        raise ValueError(f"scale and zero_point must have shape {wanted}")
    if axis is None:
        return scale, zero_point
    shape = [1] * x.ndim
    shape[axis] = -1
    return scale.reshape(shape), zero_point.reshape(shape)
