"""What of a table is compared: its labels, and its index and columns as arrays of plain numbers, times and objects."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One level of the index, or one column: where it is, its dtype by name, and its values, one a row."""

    where: str
    dtype: str
    values: np.ndarray[Any, Any]

    @property
    def kind(self) -> str:
        """How its values are compared: as numbers (bools among them), points in time, spans of time or objects."""
        return {"O": "object", "M": "time", "m": "span"}.get(self.values.dtype.kind, "number")


def properties(table: Any) -> dict[str, Any]:
    """What two tables that are alike have in common before a value is looked at."""
    labels = {"columns": table.columns.tolist(), "columns.names": list(table.columns.names)} if table.ndim == 2 else {}
    named = {} if table.ndim == 2 else {"name": table.name}
    return {**labels, **named, "index.names": list(table.index.names), "shape": table.shape}


def parts(table: Any) -> Iterator[Part]:
    """The levels of the index, then the columns in their order."""
    index = table.index
    if index.nlevels == 1:
        yield _part(".index", index)
    else:
        yield from (_part(f".index[{level}]", index.get_level_values(level)) for level in range(index.nlevels))
    if table.ndim == 1:
        yield _part("", table)
    else:
        yield from (_part(f"[{name!r}]", table.iloc[:, place]) for place, name in enumerate(table.columns.tolist()))


def first_difference(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> int | None:
    """The first row in which two columns of times or objects differ; what is missing equals what is missing."""
    pandas = sys.modules["pandas"]
    missing, lacking = pandas.isna(one), pandas.isna(other)
    both = ~missing & ~lacking
    wrong = missing != lacking
    wrong[both] |= np.asarray(one[both] != other[both], dtype=bool)
    return int(np.argmax(wrong)) if wrong.any() else None


def _part(where: str, values: Any) -> Part:
    """Of a Series or an Index. Categories count by what they are called, and to the dtype belongs which there are."""
    dtype, array = str(values.dtype), values.to_numpy()
    if dtype == "category":
        known = values.array
        dtype = f"category of {known.categories.tolist()}{', ordered' if known.ordered else ''}"
    return Part(where=where, dtype=dtype, values=array if array.dtype.kind in "biufcmM" else array.astype(object))
