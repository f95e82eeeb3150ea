"""Values of every kind that crosses the wire, as hypothesis strategies, and how to compare two of them to the bit."""

from __future__ import annotations

import struct
from collections import OrderedDict
from typing import Any

import numpy as np
import pandas as pd
import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.wire.dtypes import NUMPY_DTYPES, PLAIN_TYPES, torch_dtypes
from grader.wire.tables import TIMES

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)  # lone surrogates too
INTS = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.sampled_from([2**63, -(2**63), 2**63 - 1]))
FLOATS = st.floats()
COMPLEX = st.builds(complex, FLOATS, FLOATS)
_FLAT = st.recursive(
    st.one_of(st.none(), st.booleans(), INTS, FLOATS, TEXTS, st.binary(max_size=20), COMPLEX),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=5,
)
# A frozenset may lie in a tuple or a set, but not in another frozenset.
HASHABLE = st.recursive(
    st.one_of(_FLAT, st.frozensets(_FLAT, max_size=3)),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=3,
)


@st.composite
def arrays(draw: Any) -> np.ndarray[Any, Any]:
    """An array of any dtype that crosses, in any memory order, writeable or not."""
    dtype, shape = draw(st.sampled_from(sorted(NUMPY_DTYPES))), draw(SHAPES)
    raw = draw(st.binary(min_size=64, max_size=64)) * 64
    count = int(np.prod(shape))
    items = np.frombuffer(raw[: count * NUMPY_DTYPES[dtype].itemsize], dtype="u1")
    plain = (items & 1 if dtype == "bool" else items).copy()
    array = plain[:count].astype(bool) if dtype == "bool" else plain.view(dtype)
    array = array.reshape(shape)
    array = np.asfortranarray(array).reshape(shape) if draw(st.booleans()) else array
    array.flags.writeable = draw(st.booleans())
    return array


@st.composite
def tensors(draw: Any) -> torch.Tensor:
    """A dense tensor of any dtype that crosses; contiguous or transposed."""
    dtype, shape = torch_dtypes()[draw(st.sampled_from(sorted(torch_dtypes())))], draw(SHAPES)
    raw = torch.tensor(list(draw(st.binary(min_size=32, max_size=32))) * 128, dtype=torch.uint8)
    count = int(np.prod(shape))
    if dtype is torch.bool:
        return (raw[:count] & 1).bool().reshape(shape)
    tensor = raw[: count * dtype.itemsize].clone().view(dtype).reshape(shape)
    return tensor.mT if tensor.dim() >= 2 and draw(st.booleans()) else tensor


@st.composite
def scalars(draw: Any) -> np.generic:
    """A numpy scalar."""
    return draw(arrays().filter(lambda a: a.size > 0)).reshape(-1)[0]


WORDS = st.text(max_size=5)  # no lone surrogates: names lie in the structure, which is Unicode
LABELS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), FLOATS, WORDS),
    lambda inner: st.lists(inner, min_size=1, max_size=2).map(tuple),
    max_leaves=3,
)
_NAMES = st.one_of(st.none(), st.integers(0, 3), WORDS)
_ROWS_HOLD = sorted({*NUMPY_DTYPES} - {"float16"})  # which pandas has no index of


@st.composite
def columns(draw: Any, count: int, dtypes: list[str]) -> Any:
    """The values of a column, or of an index, of `count` rows."""
    kind = draw(st.sampled_from(["number", "number", "time", "str", "text", "objects", "categories"]))
    if kind == "number":
        dtype = draw(st.sampled_from(dtypes))
        raw = np.frombuffer(draw(st.binary(min_size=16, max_size=16)) * count, np.uint8)[: count * _size(dtype)]
        return (raw & 1).astype(bool)[:count] if dtype == "bool" else raw.view(dtype)
    if kind == "time":
        dtype = draw(st.sampled_from(sorted(TIMES)))
        instants = draw(st.lists(st.integers(-(2**31), 2**31), min_size=count, max_size=count))
        return np.array(instants, np.int64).view(dtype)
    if kind == "str":
        words = draw(st.lists(st.one_of(TEXTS, st.just(np.nan)), min_size=count, max_size=count))
        return pd.array(np.array([*words, None], object)[:-1], dtype="str")
    if kind == "categories":
        names = pd.Index(["a", "b", "é"], dtype="str") if draw(st.booleans()) else pd.RangeIndex(3)
        codes = draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count))
        return pd.Categorical.from_codes(np.array(codes, np.int8), names, ordered=draw(st.booleans()))
    one = LABELS if kind == "objects" else st.one_of(TEXTS, st.none(), st.just(float("nan")), st.booleans())
    values = np.empty(count, object)
    for place in range(count):
        values[place] = draw(one)
    return values


def _size(dtype: str) -> int:
    return NUMPY_DTYPES[dtype].itemsize


@st.composite
def indexes(draw: Any, count: int) -> Any:
    """A range, an index of one level, or one of two."""
    kind = draw(st.sampled_from(["range", "plain", "levels"]))
    if kind == "range":
        step = draw(st.sampled_from([1, 2, -1]))
        return pd.RangeIndex(4, 4 + step * count, step, name=draw(_NAMES))
    if kind == "levels":
        names = ["a", None, "b"]  # a level of times keeps its unit, others their dtype
        levels = [draw(columns(count, ["int64", "float64"]).filter(_is_level)) for _ in range(2)]
        return pd.MultiIndex.from_arrays(levels, names=[draw(st.sampled_from(names)), None])
    values = draw(columns(count, _ROWS_HOLD))
    return pd.Index(values, dtype=values.dtype, name=draw(_NAMES))


def _is_level(values: Any) -> bool:
    """Not a level of objects or NaNs, which pandas itself changes when it finds out which of them are equal."""
    return values.dtype != object and not pd.isna(values).any()


@st.composite
def tables(draw: Any) -> Any:
    """A DataFrame or Series of columns of every kind; labels may be there twice."""
    rows, dtypes = draw(st.integers(0, 4)), sorted(NUMPY_DTYPES)
    index = draw(indexes(rows))
    if draw(st.booleans()):
        values = draw(columns(rows, dtypes))
        return pd.Series(values, index=index, dtype=values.dtype, name=draw(_NAMES))
    held = [draw(columns(rows, dtypes)) for _ in range(draw(st.integers(0, 4)))]
    made = {place: pd.Series(values, index=index, dtype=values.dtype) for place, values in enumerate(held)}
    frame = pd.DataFrame(made, index=index)
    frame.columns = draw(indexes(len(held)))
    return frame


GENERATORS = st.builds(
    lambda kind, seed, draws: _advanced(np.random.Generator(kind(seed)), draws),
    st.sampled_from([np.random.PCG64, np.random.PCG64DXSM, np.random.Philox]),
    st.integers(0, 2**32),
    st.integers(0, 5),
)
TORCH_GENERATORS = st.integers(0, 2**63 - 1).map(lambda seed: torch.Generator().manual_seed(seed))
RANGES = st.builds(lambda start, count, step: range(start, start + count, step), INTS, st.integers(-9, 9), st.just(2))
LEAVES = st.one_of(
    HASHABLE,
    arrays(),
    tensors(),
    scalars(),
    tables(),
    st.binary(max_size=20).map(bytearray),
    st.builds(slice, HASHABLE, HASHABLE, HASHABLE),
    RANGES,
    st.just(...),
    st.lists(FLOATS, min_size=30, max_size=40),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=30, max_size=40).map(tuple),
    st.sets(HASHABLE, max_size=4),
    st.sampled_from([torch.float32, torch.bfloat16, torch.bool, torch.device("cpu"), torch.Size([2, 0])]),
    st.sampled_from([*PLAIN_TYPES.values(), *NUMPY_DTYPES.values()]),
    GENERATORS,
    TORCH_GENERATORS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.dictionaries(TEXTS, inner, max_size=4).map(OrderedDict),
    ),
    max_leaves=12,
)


def _advanced(generator: np.random.Generator, draws: int) -> np.random.Generator:
    generator.integers(0, 2**31, draws, dtype=np.int32)
    return generator


def same(one: Any, other: Any) -> bool:
    """Whether two values are of the same exact type and the same to the bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, np.ndarray):
        return _layout(one) == _layout(other) and one.tobytes() == other.tobytes()
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, torch.Tensor):
        return (one.dtype, one.shape) == (other.dtype, other.shape) and _bytes(one) == _bytes(other)
    if isinstance(one, pd.DataFrame | pd.Series):
        return _same_table(one, other)
    return _same_parts(one, other)


def _same_table(one: Any, other: Any) -> bool:
    held = [table.items() if table.ndim == 2 else [(table.name, table)] for table in (one, other)]
    return all(map(_same_index, one.axes, other.axes)) and all(
        same(name, twin) and _same_column(values, copies) for (name, values), (twin, copies) in zip(*held, strict=True)
    )


def _same_index(one: Any, other: Any) -> bool:
    if type(one) is not type(other) or one.nlevels != other.nlevels or one.names != other.names:
        return False
    if isinstance(one, pd.MultiIndex):
        return all(_same_column(*(i.get_level_values(n) for i in (one, other))) for n in range(one.nlevels))
    return _same_column(one, other)


def _same_column(one: Any, other: Any) -> bool:
    if one.dtype != other.dtype or len(one) != len(other):
        return False
    values, copies = one.to_numpy(), other.to_numpy()
    return all(map(same, values, copies)) if values.dtype == object else values.tobytes() == copies.tobytes()


def _same_parts(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Generator):
        return _bytes(one.get_state()) == _bytes(other.get_state())
    if isinstance(one, np.random.Generator):
        return same(one.bit_generator.state, other.bit_generator.state)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, one, other)) and all(map(same, one.values(), other.values()))
    if isinstance(one, set | frozenset):
        return len(one) == len(other) and all(any(same(item, twin) for twin in other) for item in one)
    if isinstance(one, slice):
        return same((one.start, one.stop, one.step), (other.start, other.stop, other.step))
    return bool(one == other)


def _layout(array: np.ndarray[Any, Any]) -> tuple[Any, ...]:
    return array.dtype, array.shape, array.flags.writeable


def _bytes(tensor: torch.Tensor) -> bytes:
    flat = tensor.contiguous().reshape(-1)
    return bytes(flat.view(torch.uint8).numpy()) if flat.numel() else b""
