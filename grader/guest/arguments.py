"""The arguments of one call: decoded, and looked over afterwards for changes made in place."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder
from grader.wire.memory import looks_like, picture_of
from grader.wire.nodes import Node


class Arguments:
    """Keeps what each array, tensor, list, dict, set and generator was before the call.

    `copies` are the tensors of the suite that are no leaves, by their number: `(copy handed out, its origin)`.
    """

    def __init__(self, decoder: Decoder, copies: dict[int, tuple[Any, Any]]) -> None:
        self._values = decoder.mutables
        self._before = [_freeze(value) for value in decoder.mutables]
        self._copies = copies

    def references(self) -> dict[int, Node]:
        """`id -> reference`, so that a result that is an argument comes back as that very object."""
        referable = (np.ndarray, np.random.Generator, *_torch_types())
        known = {id(v): ["@", i] for i, v in enumerate(self._values) if isinstance(v, referable)}
        return known | {id(copy): ["V", number] for number, (copy, _) in self._copies.items()}

    def number_of(self, value: Any) -> int | None:
        """The number of the list, dict or set that `value` is."""
        if not isinstance(value, list | dict | set):
            return None
        return next((number for number, own in enumerate(self._values) if own is value), None)

    def changes(self, encoder: Encoder) -> Node:
        """`[place, new value]` of every argument that was changed in place."""
        plain = [
            [number, encoder.encode(value)]
            for number, (value, before) in enumerate(zip(self._values, self._before, strict=True))
            if not _unchanged(value, before) and _forget_reference(encoder, value)
        ]
        connected = [
            [["V", number], encoder.encode(copy)]
            for number, (copy, origin) in self._copies.items()
            if not looks_like(picture_of(origin), copy) and _forget_reference(encoder, copy)
        ]
        return plain + connected


def _forget_reference(encoder: Encoder, value: Any) -> bool:
    """The new contents of an array must be sent, not the reference to it."""
    encoder.known.pop(id(value), None)
    return True


def _torch_types() -> tuple[type, ...]:
    torch = sys.modules.get("torch")
    return () if torch is None else (torch.Tensor, torch.Generator)


def _freeze(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, list | dict | set):
        return value.copy()
    if isinstance(value, _torch_types()):
        return None if getattr(value, "requires_grad", False) else picture_of(_torch_state(value))
    return None


def _torch_state(value: Any) -> Any:
    """The dense tensor that tells whether a tensor or generator changed; None where there is none."""
    torch = sys.modules["torch"]
    if isinstance(value, torch.Generator):
        return value.get_state()
    return value if value.layout is torch.strided else None


def _unchanged(value: Any, before: Any) -> bool:
    if before is None:
        return True  # a tensor that requires grad is watched by its twin
    if isinstance(value, list | dict | set):
        return type(value) is type(before) and len(value) == len(before) and _same_items(value, before)
    if isinstance(value, _torch_types()):
        return looks_like(before, _torch_state(value))
    return bool(_freeze(value) == before)


def _same_items(value: Any, before: Any) -> bool:
    if isinstance(value, set):
        return bool(value == before)
    one = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
    other = [part for pair in before.items() for part in pair] if isinstance(before, dict) else before
    return all(a is b or (type(a) is type(b) and _plain_equal(a, b)) for a, b in zip(one, other, strict=True))


def _plain_equal(one: Any, other: Any) -> bool:
    return isinstance(one, bool | int | float | str | bytes) and one == other
