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
_NAME = 60  # characters of a name
_REAL = (float, np.floating)
_FEWEST, _MORE, _MOST = 3, 3, 17  # digits of numbers that are compared
_PRINTED_DIMENSIONS = 5  # of an array: six values at the ends of each, so printing one of nine takes minutes


def type_name(value: Any) -> str:
    """The name of a value's type, with its module; of an object that stays in the guest, as the guest names it."""
    handles = sys.modules.get("grader.judge.handle")
    if handles is not None and isinstance(value, handles.Handle):
        return harmless(value._label.rpartition(".")[2])
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def harmless(name: str) -> str:
    """A name of the guest's, cleaned and cut."""
    return "".join(letter if letter.isalnum() or letter in "_.<>" else "?" for letter in name[:_NAME])


def keys(mapping: Mapping[Any, Any]) -> list[str]:
    """Keys in a fixed order, as many as a message may show."""
    return sorted(map(short, itertools.islice(mapping, _PRINTED)))


def short(value: Any, most: int = _PRINTED) -> str:
    """A one-line `repr` of at most so many characters, at bounded cost; numpy scalars print as plain numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    try:
        text = " ".join(repr(_beginning(value, most)).split())
    except Exception as error:  # noqa: BLE001 - an int with too many digits, or what a library refuses to print
        text = f"({type_name(value)} that cannot be printed: {type(error).__name__})"
    return text if len(text) <= most else text[: most - 1] + "…"


def apart(one: Any, other: Any) -> tuple[str, str]:
    """Two numbers with as many digits as show that they differ, and three more: not 17 where 5 tell it."""
    if not (isinstance(one, _REAL) and isinstance(other, _REAL)):
        return short(one), short(other)
    for digits in range(_FEWEST, _MOST):
        if f"{one:.{digits}g}" != f"{other:.{digits}g}":
            return _figures(one, digits + _MORE), _figures(other, digits + _MORE)
    return short(one), short(other)


def _figures(number: Any, digits: int) -> str:
    """At most so many digits; a number that is short anyway is printed as it is."""
    whole = short(number)
    return whole if len(whole) <= digits + _MORE else f"{number:.{digits}g}"


def _beginning(value: Any, most: int) -> Any:
    """As much of a value as can be seen of it: each part takes at least one character."""
    if isinstance(value, str | bytes | bytearray):
        return value[:most]
    if type(value) in (list, tuple):
        return type(value)(_beginning(one, most) for one in value[:most])
    if type(value) in (set, frozenset):
        return type(value)(itertools.islice(value, most))
    if type(value) is dict:
        return {_beginning(key, most): _beginning(value[key], most) for key in itertools.islice(value, most)}
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
