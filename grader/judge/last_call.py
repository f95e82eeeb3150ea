"""The last call to candidate code, so that a message can name its arguments.

One is kept at a time, as it was made; it is put into words only when a case fails. The suite's own values are shown,
and of a handle no more than the judge knows: the guest is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.judge.changes import Inout
from grader.judge.printing import harmless, is_tensor, short

_ARGUMENTS = 12  # of one call
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, type(None), np.generic)


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a call is written: characters of one argument, and elements of an array that is written out."""

    argument: int
    elements: int


BRIEF = Room(argument=60, elements=6)  # in a message
WHOLE = Room(argument=600, elements=64)  # beside it, where the input is no secret


@dataclass(slots=True)
class _Kept:
    """The call: what was called, as something with a name, and its arguments."""

    call: tuple[Any, tuple[Any, ...], Mapping[str, Any]] | None = None


_kept = _Kept()


def note_call(target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Keep a call of `target`, a handle, in the place of the one before."""
    _kept.call = (target, args, kwargs)


def forget_call() -> None:
    """Let go of it, and of its arguments."""
    _kept.call = None


def last_call(room: Room = BRIEF) -> str | None:
    """The last call in words, such as `f1_score([0, 1], [1, 1], 'samples')`; None where there was none."""
    return None if _kept.call is None else call_in_words(*_kept.call, room)


def call_in_words(target: Any, args: Iterable[Any], kwargs: Mapping[str, Any], room: Room = BRIEF) -> str:
    """A call on one line, of bounded length and cost."""
    parts = [argument_in_words(value, room) for value in args]
    parts += [f"{name}={argument_in_words(value, room)}" for name, value in kwargs.items()]
    if len(parts) > _ARGUMENTS:
        parts = [*parts[:_ARGUMENTS], "…"]
    return f"{name_of(target)}({', '.join(parts)})"


def name_of(target: Any) -> str:
    """What a function or class is called; of any other object, its type. Names of the guest's are cleaned and cut."""
    label: str = getattr(target, "_label", "") or type(target).__qualname__
    name: str = getattr(target, "__name__", "") or label.rpartition(".")[2]
    return harmless(name)


def argument_in_words(value: Any, room: Room = BRIEF) -> str:
    """A value in a few words: small arrays by their elements, larger ones by dtype and shape, objects by their type."""
    if isinstance(value, Inout):
        value = value.given
    if isinstance(value, np.ndarray) or is_tensor(value):
        return _array_in_words(value, room)
    text = short(value, room.argument) if isinstance(value, _PLAIN) else name_of(value)
    return text if len(text) <= room.argument else text[: room.argument - 1] + "…"


def _array_in_words(value: Any, room: Room) -> str:
    count = int(np.prod(value.shape))
    if count > room.elements or "sparse" in str(getattr(value, "layout", "")):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return short(value.tolist(), room.argument)
