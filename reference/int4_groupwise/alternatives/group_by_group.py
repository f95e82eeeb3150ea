"""Group by group in numpy, and a product that never makes the weight: sums of codes and of inputs per group."""

import numpy as np
import torch


def spans(columns, group_size):
    """First and last column of each group."""
    if group_size <= 0:
        raise ValueError("group_size")
    return [(start, min(start + group_size, columns)) for start in range(0, columns, group_size)]


def quantize_int4(weight, group_size):
    if weight.dim() != 2:
        raise ValueError("weight")
    array = weight.detach().cpu().numpy()
    rows, columns = array.shape
    groups = spans(columns, group_size)
    scales, mins = np.zeros((rows, len(groups)), array.dtype), np.zeros((rows, len(groups)), array.dtype)
    nibbles = np.zeros((rows, columns + columns % 2), np.uint8)
    for number, (start, stop) in enumerate(groups):
        part = array[:, start:stop]
        mins[:, number] = part.min(axis=1)
        scales[:, number] = np.ptp(part, axis=1) / 15
        wide = scales[:, number] != 0
        quotients = (part[wide] - mins[wide, number, None]) / scales[wide, number, None]
        nibbles[wide, start:stop] = np.rint(quotients)
    packed = nibbles[:, 0::2] + 16 * nibbles[:, 1::2]
    return tuple(torch.from_numpy(np.ascontiguousarray(one)).to(weight.device) for one in (packed, scales, mins))


def codes_of(packed, scales, mins, group_size, columns):
    groups = spans(columns, group_size)
    if packed.dim() != 2 or packed.shape[1] != (columns + 1) // 2:
        raise ValueError("packed")
    if any(tuple(one.shape) != (packed.shape[0], len(groups)) for one in (scales, mins)):
        raise ValueError("scales and mins")
    codes = torch.empty(packed.shape[0], 2 * packed.shape[1], dtype=scales.dtype, device=packed.device)
    codes[:, 0::2], codes[:, 1::2] = packed % 16, torch.div(packed, 16, rounding_mode="floor")
    return codes, groups


def dequantize_int4(packed, scales, mins, group_size, in_features):
    codes, groups = codes_of(packed, scales, mins, group_size, in_features)
    weight = torch.zeros(packed.shape[0], in_features, dtype=scales.dtype, device=packed.device)
    for number, (start, stop) in enumerate(groups):
        weight[:, start:stop] = torch.addcmul(mins[:, number, None], codes[:, start:stop], scales[:, number, None])
    return weight


def int4_linear(x, packed, scales, mins, group_size):
    if x.dim() < 1:
        raise ValueError("x")
    codes, groups = codes_of(packed, scales, mins, group_size, x.shape[-1])
    y = x.sum(dim=-1, keepdim=True) * torch.zeros(packed.shape[0], dtype=x.dtype, device=x.device)
    for number, (start, stop) in enumerate(groups):
        part = x[..., start:stop]
        y = y + part @ codes[:, start:stop].T * scales[:, number] + part.sum(-1, keepdim=True) * mins[:, number]
    return y
