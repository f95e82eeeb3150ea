"""Rows as frozen values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

_T = TypeVar("_T")


def value_of(kind: type[_T], row: Mapping[str, Any], **others: Any) -> _T:
    """The value whose fields are columns of a row, but for `others`, which the row names differently."""
    names = [field.name for field in dataclasses.fields(kind) if field.name not in others]  # type: ignore[arg-type]
    return kind(**{name: row[name] for name in names}, **others)
