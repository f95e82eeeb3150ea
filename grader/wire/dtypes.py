"""The dtypes and plain types that may cross the wire, by name.

A name that is not in its table is refused; nothing is looked up by it.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np

from grader.errors import WireError

NUMPY_DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(name)
    for name in (
        "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128"
    ).split()
}
PLAIN_TYPES: dict[str, type] = {
    kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
} | {f"numpy.{name}": dtype.type for name, dtype in NUMPY_DTYPES.items()}
PLAIN_TYPE_NAMES: dict[type, str] = {kind: name for name, kind in PLAIN_TYPES.items()}
_TORCH_NAMES = "bool int8 int16 int32 int64 uint8 float16 bfloat16 float32 float64 complex64 complex128".split()


def loaded_torch() -> Any:
    """Torch, where this process has imported it; raises WireError elsewhere.

    A numpy exercise never imports torch, and a tensor that a guest makes up must not be what imports it in a judge.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        raise WireError("a tensor arrived where nothing uses torch")
    return torch


@cache
def torch_dtypes() -> dict[str, Any]:
    """Name -> torch dtype; raises WireError where torch is not used."""
    torch = loaded_torch()
    return {name: getattr(torch, name) for name in _TORCH_NAMES}


@cache
def torch_dtype_names() -> dict[Any, str]:
    """Torch dtype -> name."""
    return {dtype: name for name, dtype in torch_dtypes().items()}
