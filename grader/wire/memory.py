"""The values of a dense tensor as they lie in memory.

A kernel of torch takes microseconds, several times that in a process that has just been forked, and a verdict looks at
hundreds of small tensors. Where the values lie in order, their bytes can be had without any kernel: numpy looks at
them through the array interface, which is all that a guest has for this (its ctypes is out of service).
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

SMALL = 64 * 1024  # bytes up to which copying costs nothing to speak of


class _Window:
    """Memory that is somebody else's, for numpy to look at while its owner lives."""

    __slots__ = ("__array_interface__",)

    def __init__(self, address: int, count: int) -> None:
        self.__array_interface__ = {"data": (address, False), "shape": (count,), "typestr": "|u1", "version": 3}


def buffer_of(tensor: Any) -> Any:
    """The bytes of a dense tensor on any device: a copy of a small one, a view of a large one where possible."""
    if tensor.nbytes <= SMALL and _lies_in_order(tensor):
        return _values_of(tensor).tobytes()
    flat = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    # One element may have any stride, which `view` does not like.
    flat = flat.as_strided((flat.numel(),), (1,))
    return flat.view(sys.modules["torch"].uint8).numpy().data if flat.numel() else b""


def picture_of(tensor: Any) -> Any:
    """What a dense tensor (or None) is now, for `looks_like`."""
    return None if tensor is None else (tensor.dtype, tensor.shape, bytes(buffer_of(tensor)))


def looks_like(picture: Any, tensor: Any) -> bool:
    """Whether a dense tensor (or None) is as in the picture, to the last bit: NaN is NaN, and -0.0 is not 0.0."""
    if picture is None or tensor is None:
        return picture is tensor
    dtype, shape, values = picture
    if dtype != tensor.dtype or shape != tensor.shape:
        return False
    if _lies_in_order(tensor):
        return bool(values == _values_of(tensor).tobytes())
    return bool(values == bytes(buffer_of(tensor)))


def small_tensor(dtype: Any, shape: tuple[int, ...], data: bytearray) -> Any:
    """A tensor of its own memory that holds `data`, which must be as many bytes."""
    tensor: Any = sys.modules["torch"].empty(shape, dtype=dtype)
    if data:
        _values_of(tensor)[:] = np.frombuffer(data, np.uint8)
    return tensor


def _values_of(tensor: Any) -> Any:
    """The bytes of a tensor that lies in order, as an array over the same memory."""
    count = tensor.nbytes
    return np.asarray(_Window(tensor.data_ptr(), count)) if count else np.empty(0, np.uint8)


def _lies_in_order(tensor: Any) -> bool:
    """Whether the values are in this process's memory, in order, as they are; of a subclass nobody knows."""
    torch = sys.modules["torch"]
    return (
        type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.layout is torch.strided
        and tensor.is_cpu
        and tensor.is_contiguous()
        and not tensor.is_conj()
        and not tensor.is_neg()
    )
