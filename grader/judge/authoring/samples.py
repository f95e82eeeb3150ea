"""What a sample is before it is judged: numbers, finite, and enough of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge.authoring.claims import fail
from grader.judge.printing import is_tensor, short, type_name
from grader.model.text import Text

ALARM = 1e-7  # the chance that a claim about a sample fails for a right solution, at most
LEAST = 100  # draws: of fewer, no claim at this rate is worth making

Array = np.ndarray[Any, Any]

_TYPE = Text(en="the sample is of type {kind}, not an array of real numbers", zh="样本的类型是 {kind}，而不是实数数组")
_SHAPE = Text(en="the sample has shape {shape} instead of {wanted}", zh="样本的形状是 {shape}，应为 {wanted}")
_FEW = Text(en="the sample holds {n} draws, too few to judge", zh="样本只有 {n} 个值，不足以判断")
_NOT_FINITE = Text(
    en="{count} of {n} draws are not finite, the first is {value}",
    zh="{n} 个值中有 {count} 个不是有限值，首个是 {value}",
)


def draws_of(value: Any, shape: tuple[int, ...] | int | None = None) -> Array:
    """What a candidate returned, as a sample: a float64 array (n,) of its finite numbers.

    Raises `Mismatch` unless it is an array or tensor of real numbers or booleans (or a list of numbers), of `shape`
    where one is given, with 100 numbers at least, all finite. Where the candidate decides how much it returns, say the
    shape: bounds for a few draws are wide.
    """
    array = _as_array(value)
    if shape is not None and array.shape != (wanted := (shape,) if isinstance(shape, int) else tuple(shape)):
        fail(_SHAPE.filled(shape=array.shape, wanted=wanted), expected=str(wanted), actual=str(array.shape))
    if array.size < LEAST:
        fail(_FEW.filled(n=array.size), expected=f"{LEAST} draws at least", actual=array.size)
    flat = array.ravel().astype(np.float64)
    wrong = ~np.isfinite(flat)
    if wrong.any():
        first = float(flat[wrong][0])
        said = _NOT_FINITE.filled(count=int(wrong.sum()), n=flat.size, value=short(first))
        fail(said, expected="finite numbers", actual=first)
    return flat


def _as_array(value: Any) -> Array:
    if is_tensor(value) and str(value.layout) == "torch.strided" and not value.is_complex():
        value = value.detach().cpu().double().numpy()
    if isinstance(value, list | tuple) and all(isinstance(one, int | float) for one in value):
        value = np.asarray(value, dtype=np.float64)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        fail(_TYPE.filled(kind=type_name(value)), expected="an array of real numbers", actual=type_name(value))
    return value
