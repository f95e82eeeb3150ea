"""What candidate code did to its arguments: a claim that it left them alone, and values that it is to change.

A call hands copies of its arguments to the guest, so the suite's own objects never change, whatever the guest says.
It does say which arguments it changed; `assert_unchanged` makes a failure of that. (A hostile guest can keep silent, so
such a claim is worth few points; it gains nothing else by that.) A value that is meant to be changed is handed over
with `inout`, and looked at through `.value`.
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from grader.judge.comparison import Mismatch
from grader.model.text import Text
from grader.model.verdict import Cause

_CHANGED = Text(en="an argument was changed in place", zh="有参数被原地修改")

_changed: contextvars.ContextVar[list[Any] | None] = contextvars.ContextVar("changed", default=None)


@contextlib.contextmanager
def changes_noted() -> Iterator[None]:
    """Within the block, one case, the arguments that the guest says it changed are kept for `assert_unchanged`."""
    token = _changed.set([])
    try:
        yield
    finally:
        _changed.reset(token)


def note_change(argument: Any) -> None:
    """The guest says that it changed this argument."""
    known = _changed.get()
    if known is not None and not any(argument is other for other in known):
        known.append(argument)


def assert_unchanged(*arguments: Any) -> None:
    """Raise `Mismatch` if a call of this case changed one of `arguments`, or a part or a view of one, in place.

    Arrays, tensors, lists, dicts and sets, and what is in them.
    """
    __tracebackhide__ = True
    known = _changed.get() or []
    if any(_same_memory(part, changed) for argument in arguments for part in _parts(argument) for changed in known):
        raise Mismatch(
            _CHANGED, Cause(expected="as it was before the call", actual="changed in place", worst_index=None)
        )


def _parts(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)


def _same_memory(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(np.may_share_memory(one, other))
    torch = sys.modules.get("torch")
    if torch is None or not (isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor)):
        return False
    dense = one.layout is torch.strided and other.layout is torch.strided
    return dense and one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr() != 0


class Inout:
    """A value that candidate code may change: it lives in the guest from the first call that it is passed to."""

    __slots__ = ("_given", "_handle")

    def __init__(self, given: Any) -> None:
        self._given = given
        self._handle: Any = None

    @property
    def value(self) -> Any:
        """What it is now, as a new value; what it was given as, until it was passed to a call."""
        return self._given if self._handle is None else self._handle._ask("value")

    @property
    def given(self) -> Any:
        """What it was handed over as."""
        return self._given

    def handle(self, put: Callable[[Any], Any]) -> Any:
        """The handle to it; `put` hands the value over, the first time."""
        if self._handle is None:
            self._handle = put(self._given)
        return self._handle


def inout(value: Any) -> Inout:
    """`value` as an argument that candidate code may change in place, now or in a later call that uses it again.

    A generator, an array, a tensor or parameter (a leaf), a container of these. Passed twice, it is one object. The
    suite's own `value` stays as it was; `.value` asks for what has become of it.

        rows = inout(np.array([3.0, 1.0, 2.0]))
        candidate.sort_(rows)
        assert_close(rows.value, np.array([1.0, 2.0, 3.0]))
    """
    return Inout(value)
