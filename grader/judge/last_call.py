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
from grader.judge.printing import is_tensor, short

_ARGUMENT = 60  # characters of one argument
_ARGUMENTS = 12  # of one call
_ELEMENTS = 6  # of an array that is written out
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, type(None), np.generic)


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


def last_call() -> str | None:
    """The last call in words, such as `f1_score([0, 1], [1, 1], 'samples')`; None where there was none."""
    return None if _kept.call is None else call_in_words(*_kept.call)


def call_in_words(target: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> str:
    """A call on one line, of bounded length and cost."""
    parts = [*map(argument_in_words, args), *(f"{name}={argument_in_words(value)}" for name, value in kwargs.items())]
    if len(parts) > _ARGUMENTS:
        parts = [*parts[:_ARGUMENTS], "…"]
    return f"{name_of(target)}({', '.join(parts)})"


def name_of(target: Any) -> str:
    """What a function or class is called; of any other object, its type. Names of the guest's are cleaned and cut."""
    label: str = getattr(target, "_label", "") or type(target).__qualname__
    name: str = getattr(target, "__name__", "") or label.rpartition(".")[2]
    return "".join(letter if letter.isalnum() or letter in "_.<>" else "?" for letter in name[:_ARGUMENT])


def argument_in_words(value: Any) -> str:
    """A value in a few words: small arrays by their elements, larger ones by dtype and shape, objects by their type."""
    if isinstance(value, Inout):
        value = value.given
    if isinstance(value, np.ndarray) or is_tensor(value):
        return _array_in_words(value)
    text = short(value) if isinstance(value, _PLAIN) else name_of(value)
    return text if len(text) <= _ARGUMENT else text[: _ARGUMENT - 1] + "…"


def _array_in_words(value: Any) -> str:
    count = int(np.prod(value.shape))
    if count > _ELEMENTS or "sparse" in str(getattr(value, "layout", "")):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return short(value.tolist())
