"""The arguments of one call: decoded, and looked over afterwards for changes made in place."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from grader.wire.decoder import Decoder
from grader.wire.memory import looks_like, picture_of
from grader.wire.nodes import Node
from grader.wire.tables import is_table, same_table


class Arguments:
    """Keeps what each array, tensor, table, list, dict and set was before the call.

    Not a generator, which is there to be drawn from.
    `copies` are the tensors of the suite that are no leaves, by their number: `(copy handed out, its origin)`.
    """

    def __init__(self, decoder: Decoder, copies: dict[int, tuple[Any, Any]]) -> None:
        self._values = decoder.mutables
        self._before = [_freeze(value) for value in decoder.mutables]
        self._copies = copies

    def changed(self) -> list[Node]:
        """The place of every argument that was changed in place: its number, or `["V", number]`."""
        pairs = enumerate(zip(self._values, self._before, strict=True))
        plain = [number for number, (value, before) in pairs if not _unchanged(value, before)]
        copies = self._copies.items()
        return plain + [["V", n] for n, (copy, origin) in copies if not looks_like(picture_of(origin), copy)]


def _freeze(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, list | dict | set) or is_table(value):
        return value.copy()
    if _is_watched_tensor(value):
        return picture_of(value)
    return None


def _is_watched_tensor(value: Any) -> bool:
    """Dense, and without autograd: what requires grad is watched by its twin."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return False
    return value.layout is torch.strided and not value.requires_grad


def _unchanged(value: Any, before: Any) -> bool:
    if before is None:
        return True
    if isinstance(value, list | dict | set):
        return type(value) is type(before) and len(value) == len(before) and _same_items(value, before)
    if isinstance(value, np.ndarray):
        return bool(value.tobytes() == before)
    if is_table(before):
        return same_table(value, before)
    return looks_like(before, value)


def _same_items(value: Any, before: Any) -> bool:
    if isinstance(value, set):
        return bool(value == before)
    one = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
    other = [part for pair in before.items() for part in pair] if isinstance(before, dict) else before
    return all(a is b or (type(a) is type(b) and _plain_equal(a, b)) for a, b in zip(one, other, strict=True))


def _plain_equal(one: Any, other: Any) -> bool:
    return isinstance(one, bool | int | float | str | bytes) and one == other
