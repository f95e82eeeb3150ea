"""Channel by channel in numpy and float64; the tensor is a channel of its own where there is no axis."""

import numpy as np
import torch

LIMITS = {torch.int8: np.iinfo(np.int8), torch.uint8: np.iinfo(np.uint8)}


def channels(x, axis):
    """A list of the channels of an array."""
    if axis is None:
        return [x]
    if axis not in range(-x.ndim, x.ndim):
        raise ValueError("axis")
    return [np.take(x, index, axis) for index in range(x.shape[axis])]


def assemble(parts, like, axis):
    """The inverse of `channels`."""
    if axis is None:
        return parts[0]
    return np.stack(parts, axis) if parts else np.zeros(tuple(like.shape))


def numbers(tensor, count, axis):
    """The elements of a parameter, one per channel."""
    if tuple(tensor.shape) != (() if axis is None else (count,)):
        raise ValueError("shape")
    return [tensor.item()] if axis is None else tensor.tolist()


def choose_qparams(x, dtype, axis=None):
    if dtype not in LIMITS:
        raise ValueError("dtype")
    limit, array = LIMITS[dtype], x.cpu().numpy().astype(np.float64)
    found = channels(array, axis)
    if array.size == 0 or not np.isfinite(array).all():
        raise ValueError("x")
    scales, zero_points = [], []
    for part in found:
        low, high = min(0.0, part.min()), max(0.0, part.max())
        step = (high - low) / 255 or 1.0
        scales.append(step)
        zero_points.append(limit.min - int(np.rint(low / step)))
    if axis is None:
        scales, zero_points = scales[0], zero_points[0]
    return (
        torch.tensor(scales, dtype=x.dtype, device=x.device),
        torch.tensor(zero_points, dtype=torch.int64, device=x.device),
    )


def quantize(x, scale, zero_point, dtype, axis=None):
    if dtype not in LIMITS:
        raise ValueError("dtype")
    limit, array = LIMITS[dtype], x.cpu().numpy().astype(np.float64)
    parts = channels(array, axis)
    steps, zeros = numbers(scale, len(parts), axis), numbers(zero_point, len(parts), axis)
    with np.errstate(over="ignore"):
        codes = [
            np.clip(np.rint(part / step), limit.min - zero, limit.max - zero) + zero
            for part, step, zero in zip(parts, steps, zeros)
        ]
    return torch.tensor(assemble(codes, array, axis), dtype=dtype, device=x.device)


def dequantize(q, scale, zero_point, axis=None):
    array = q.cpu().numpy().astype(np.int64)
    parts = channels(array, axis)
    steps, zeros = numbers(scale, len(parts), axis), numbers(zero_point, len(parts), axis)
    values = [step * (part - zero) for part, step, zero in zip(parts, steps, zeros)]
    return torch.tensor(assemble(values, array, axis), dtype=scale.dtype, device=q.device)
