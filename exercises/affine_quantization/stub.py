"""Affine quantization to 8 bits: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
from torch import Tensor


def choose_qparams(x: Tensor, dtype: torch.dtype, axis: int | None = None) -> tuple[Tensor, Tensor]:
    """`(scale, zero_point)` of a tensor, both of shape (), or of each channel along `axis`, both (C,)."""
    raise NotImplementedError


def quantize(x: Tensor, scale: Tensor, zero_point: Tensor, dtype: torch.dtype, axis: int | None = None) -> Tensor:
    """The codes of `x`, of its shape, as `dtype` (`torch.int8` or `torch.uint8`)."""
    raise NotImplementedError


def dequantize(q: Tensor, scale: Tensor, zero_point: Tensor, axis: int | None = None) -> Tensor:
    """What the codes stand for, of the shape of `q`, in the dtype of `scale`."""
    raise NotImplementedError
