"""The dtypes that may cross the wire, by name. A name that is not in the table is refused; nothing is looked up by it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

NUMPY_DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(name)
    for name in (
        "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128"
    ).split()
}
_TORCH_NAMES = "bool int8 int16 int32 int64 uint8 float16 bfloat16 float32 float64 complex64 complex128".split()


@cache
def torch_dtypes() -> dict[str, Any]:
    """Name -> torch dtype; imports torch, so only tensors may ask for it."""
    import torch

    return {name: getattr(torch, name) for name in _TORCH_NAMES}


@cache
def torch_dtype_names() -> dict[Any, str]:
    """Torch dtype -> name."""
    return {dtype: name for name, dtype in torch_dtypes().items()}
