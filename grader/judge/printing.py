"""Values as messages show them: in few characters, and at little cost whatever a guest made them of."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.wire.tables import is_table

_PRINTED = 120  # characters of a value in a message
_PRINTED_DIMENSIONS = 5  # of an array: six values at the ends of each, so printing one of nine takes minutes


def type_name(value: Any) -> str:
    """The name of a value's type, with its module."""
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def keys(mapping: Mapping[Any, Any]) -> list[str]:
    """Keys in a fixed order, as many as a message may show."""
    return sorted(map(short, itertools.islice(mapping, _PRINTED)))


def short(value: Any) -> str:
    """A one-line `repr` of bounded length and cost; numpy scalars print as plain numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    try:
        text = " ".join(repr(_beginning(value)).split())
    except Exception as error:  # noqa: BLE001 - an int with too many digits, or what a library refuses to print
        text = f"({type_name(value)} that cannot be printed: {type(error).__name__})"
    return text if len(text) <= _PRINTED else text[: _PRINTED - 1] + "…"


def _beginning(value: Any) -> Any:
    """As much of a value as can be seen of it: each part takes at least one character."""
    if isinstance(value, str | bytes | bytearray):
        return value[:_PRINTED]
    if type(value) in (list, tuple):
        return type(value)(map(_beginning, value[:_PRINTED]))
    if type(value) in (set, frozenset):
        return type(value)(itertools.islice(value, _PRINTED))
    if type(value) is dict:
        return {_beginning(key): _beginning(value[key]) for key in itertools.islice(value, _PRINTED)}
    if isinstance(value, np.ndarray) or is_tensor(value):
        return value if value.ndim <= _PRINTED_DIMENSIONS else _Unprinted(type_name(value), tuple(value.shape))
    if is_table(value):
        return _Unprinted(type_name(value), tuple(value.shape))
    return value


@dataclass(frozen=True, slots=True)
class _Unprinted:
    """Stands for a table, and for an array of so many dimensions that even its corners take minutes to print."""

    kind: str
    shape: tuple[int, ...]

    def __repr__(self) -> str:
        return f"{self.kind} of shape {self.shape}"


def is_tensor(value: Any) -> bool:
    """Whether a value is a torch tensor; torch is looked at only when something else has imported it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
