"""Tables of pandas as data: labels, rows and columns apart, each of a known kind, so that only plain tables can arrive.

    ["f", index of the columns, index of the rows, [column, ...]]      a DataFrame
    ["u", name, index of the rows, column]                             a Series

    index     ["r", start, stop, step, name] | ["i", length, column, name] | ["m", length, [column, ...], [name, ...]]
    column    ["n", dtype, blob]                numbers and bools
              ["t", dtype, blob]                times without a zone, and spans of time
              ["s", dtype, blob, blob]          text (dtypes str and object): length of each in int32, and all of UTF-8
              ["o", [item, ...]]            objects that are not all text, each a label
              ["c", column of codes, index of the categories, ordered]

A label is None, a bool, an int of 64 bits, a float, a str, or ["T", label, ...]. Lengths below 0 stand for what a
column of text may hold beside it. Pandas is looked at only where something else has imported it. What a table is not
made of by its constructor (flags, attrs, the frequency of an index) does not cross.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.errors import WireError
from grader.wire.dtypes import NUMPY_DTYPES
from grader.wire.nodes import INT64, Node, is_short

if TYPE_CHECKING:
    from grader.wire.decoder import Decoder
    from grader.wire.encoder import Encoder

TIMES = {
    f"{kind}[{unit}]": np.dtype(f"{kind}[{unit}]")
    for kind in ("datetime64", "timedelta64")
    for unit in ("s", "ms", "us", "ns")
}
NOT_TEXT: dict[int, Any] = {-1: None, -2: float("nan"), -3: True, -4: False}
TEXTS = ("str", "object")
LABEL_DEPTH = 4  # of tuples in tuples


def loaded_pandas() -> Any:
    """Pandas, where this process has imported it; raises WireError elsewhere."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        raise WireError("a table arrived where nothing uses pandas")
    return pandas


def is_table(value: Any) -> bool:
    """Whether a value is a DataFrame or a Series of pandas, and of no class that extends them."""
    pandas = sys.modules.get("pandas")
    # A pandas that is being imported has no such classes yet.
    return pandas is not None and type(value) in (getattr(pandas, "DataFrame", None), getattr(pandas, "Series", None))


class NoTable(WireError):
    """A table that cannot cross; the message says what in it, and what to use instead."""


def table_node(encoder: Encoder, table: Any) -> Node:
    """The node of a DataFrame or Series; raises NoTable."""
    if table.ndim == 1:
        return ["u", _label_node(table.name), _index_node(encoder, table.index), _column_node(encoder, table)]
    columns = [_column_node(encoder, table.iloc[:, place]) for place in range(table.shape[1])]
    return ["f", _index_node(encoder, table.columns), _index_node(encoder, table.index), columns]


def table_of(decoder: Decoder, node: list[Any]) -> Any:
    """The table of a node; what pandas or numpy raise when it is malformed becomes a WireError in the decoder."""
    pandas = loaded_pandas()
    rows = _index_of(decoder, node[2])
    if node[0] == "u":
        return _series(_column_of(decoder, node[3], len(rows)), rows, _label_of(node[1]))
    columns = [_series(_column_of(decoder, part, len(rows)), rows) for part in node[3]]
    if not columns:
        decoder.count(len(rows))  # a range of rows without a column costs nothing until somebody looks at them
    frame = pandas.DataFrame(dict(enumerate(columns)), index=rows)
    frame.columns = _index_of(decoder, node[1])
    return frame


def _series(values: Any, rows: Any, name: Any = None) -> Any:
    """Without a look at what objects are: text in them would become text of another dtype."""
    return loaded_pandas().Series(values, index=rows, name=name, dtype=values.dtype)


def _index_node(encoder: Encoder, index: Any) -> Node:
    pandas = loaded_pandas()
    if isinstance(index, pandas.RangeIndex):
        return ["r", index.start, index.stop, index.step, _label_node(index.name)]
    if isinstance(index, pandas.MultiIndex):
        levels = [_column_node(encoder, index.get_level_values(level)) for level in range(index.nlevels)]
        return ["m", len(index), levels, list(map(_label_node, index.names))]
    return ["i", len(index), _column_node(encoder, index), _label_node(index.name)]


def _index_of(decoder: Decoder, node: list[Any]) -> Any:
    pandas = loaded_pandas()
    if node[0] == "r":
        if not (all(type(part) is int for part in node[1:4]) and is_short(range(*node[1:4]))):
            raise WireError("the index of a table is too long, or no range")
        return pandas.RangeIndex(*node[1:4], name=_label_of(node[4]))
    if type(node[1]) is not int:
        raise WireError("the length of an index is no number")
    if node[0] == "m":
        levels = [_column_of(decoder, level, node[1]) for level in node[2]]
        return pandas.MultiIndex.from_arrays(levels, names=list(map(_label_of, node[3])))
    if node[0] != "i":
        raise WireError("an index of an unknown kind arrived")
    values = _column_of(decoder, node[2], node[1])
    return pandas.Index(values, dtype=values.dtype, name=_label_of(node[3]))


def _column_node(encoder: Encoder, values: Any) -> Node:
    """The node of a Series' or an Index's values."""
    pandas, dtype = loaded_pandas(), values.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        held = values.array
        codes = ["n", held.codes.dtype.name, encoder.blob(_bytes(held.codes))]
        return ["c", codes, _index_node(encoder, held.categories), bool(held.ordered)]
    if str(dtype) in TEXTS:
        items = values.to_numpy(dtype=object)
        texts = _texts(items)
        return ["o", list(map(_label_node, items))] if texts is None else ["s", str(dtype), *map(encoder.blob, texts)]
    if isinstance(dtype, np.dtype) and dtype.isnative and dtype.name in NUMPY_DTYPES:
        return ["n", dtype.name, encoder.blob(_bytes(values.to_numpy()))]
    if isinstance(dtype, np.dtype) and dtype.isnative and dtype.name in TIMES:
        return ["t", dtype.name, encoder.blob(_bytes(values.to_numpy()))]
    part = "an index or a series" if values.name is None else f"the column {values.name!r:.100}"
    use = "numbers, bools, text, times without a zone, or categories of them"
    raise NoTable(f"{part} of dtype {dtype} cannot cross; use {use}")


def _column_of(decoder: Decoder, node: list[Any], count: int) -> Any:
    """The values of a column of `count` rows: an array of numpy's or pandas'."""
    if node[0] == "c":
        return _categories_of(decoder, node, count)
    if node[0] == "s":
        return _texts_of(decoder, node, count)
    if node[0] == "o":
        return _objects_of(node, count)
    if node[0] not in ("n", "t"):
        raise WireError("a column of an unknown kind arrived")
    dtype = NUMPY_DTYPES[node[1]] if node[0] == "n" else TIMES[node[1]]
    raw = decoder.take(node[2])
    if len(raw) != count * dtype.itemsize:
        raise WireError(f"a column of {count} rows came with {len(raw)} bytes")
    if dtype.kind == "b" and len(raw) and int(np.frombuffer(raw, np.uint8).max()) > 1:
        raise WireError("a column of bools holds something else than 0 and 1")
    return np.frombuffer(raw, dtype)


def _categories_of(decoder: Decoder, node: list[Any], count: int) -> Any:
    """Pandas itself refuses codes that stand for no category, and categories that are missing or there twice."""
    kind = node[2][0]
    if node[1][0] != "n" or kind not in ("r", "i") or (kind == "i" and node[2][2][0] == "c"):
        raise WireError("categories of an unknown kind arrived")
    codes, categories = _column_of(decoder, node[1], count), _index_of(decoder, node[2])
    return loaded_pandas().Categorical.from_codes(codes, categories, ordered=node[3] is True)


def _texts(values: Any) -> tuple[memoryview, bytes] | None:
    """Lengths and UTF-8 of an array of objects; None where something in it is no text."""
    lengths, parts = np.empty(len(values), np.int32), []
    for place, item in enumerate(values):
        if isinstance(item, str):
            parts.append(item.encode("utf-8", "surrogatepass"))
            lengths[place] = len(parts[-1])
        else:
            code = _code(item)
            if code is None:
                return None
            lengths[place] = code
    return _bytes(lengths), b"".join(parts)


def _code(item: Any) -> int | None:
    """What stands for an object that is no text."""
    if item is None:
        return -1
    if isinstance(item, float) and item != item:
        return -2
    if isinstance(item, bool | np.bool_):
        return -3 if item else -4
    return None


def _texts_of(decoder: Decoder, node: list[Any], count: int) -> Any:
    lengths, raw = np.frombuffer(decoder.take(node[2]), np.int32), bytes(decoder.take(node[3]))
    if node[1] not in TEXTS or len(lengths) != count:
        raise WireError("a column of text is of another dtype, or has another length than its table")
    decoder.count(2 * count)  # a str takes twice as much as a number
    values, end = np.empty(count, object), 0
    for place, length in enumerate(lengths.tolist()):
        end += max(length, 0)
        values[place] = NOT_TEXT[length] if length < 0 else raw[end - length : end].decode("utf-8", "surrogatepass")
    if end != len(raw):
        raise WireError("a column of text has more or fewer bytes than its texts")
    return values if node[1] == "object" else loaded_pandas().array(values, dtype="str")


def _objects_of(node: list[Any], count: int) -> Any:
    if len(node[1]) != count:
        raise WireError("a column of objects has another length than its table")
    values = np.empty(count, object)
    for place, item in enumerate(node[1]):
        values[place] = _label_of(item)
    return values


def _bytes(values: Any) -> memoryview:
    view: memoryview = np.ascontiguousarray(values).view(np.uint8).data
    return view


def _label_node(label: Any) -> Node:
    """The name of a column, a series or an index; also an object in a column."""
    if isinstance(label, np.generic):
        label = label.item()
    if type(label) is tuple:
        return ["T", *map(_label_node, label)]
    if isinstance(label, str):
        return str(label)
    if label is None or type(label) in (bool, float) or (type(label) is int and label in INT64):
        return label
    raise NoTable(f"an object of type {type(label).__name__} in a table cannot cross; use text or numbers")


def _label_of(node: Node, depth: int = 0) -> Any:
    if type(node) is list and node[:1] == ["T"] and depth < LABEL_DEPTH:
        return tuple(_label_of(part, depth + 1) for part in node[1:])
    if node is None or type(node) in (bool, int, float, str):
        return node
    raise WireError("a label in a table is neither text nor a number")


def same_table(one: Any, other: Any) -> bool:
    """Whether two tables are alike to their labels' names; whatever cannot be compared is not alike."""
    try:
        axes: Sequence[tuple[Any, Any]] = list(zip(one.axes, other.axes, strict=True))
        names = one.ndim == 2 or one.name == other.name
        return bool(names and one.equals(other) and all(a.identical(b) for a, b in axes))
    except Exception:  # noqa: BLE001 - candidate code may have put anything into its table
        return False
