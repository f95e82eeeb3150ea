"""Running one program against a module here and in a guest, and telling what differs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from grader.judge import inout
from grader.judge.changes import Inout
from grader.judge.failure import RemoteError
from grader.judge.handle import Handle


def given(m: Any, value: Any) -> Any:
    """An argument that the program wants to see changed: itself for a module here, `inout` for one in a guest."""
    return inout(value) if isinstance(m, Handle) else value


def seen(argument: Any) -> Any:
    """What has become of it."""
    return argument.value if isinstance(argument, Inout) else argument


Program = Callable[[Any], Any]
DATA = (dict, list, tuple, set, frozenset, bool, int, float, complex, str, bytes)


@dataclass(frozen=True)
class Raised:
    """What a program ended with, when it ended with an exception."""

    error: BaseException

    @property
    def name(self) -> str:
        return getattr(self.error, "remote_type", type(self.error).__name__)


class Collector:
    """A list of programs; used as a decorator."""

    def __init__(self) -> None:
        self.programs: list[Program] = []
        self.limits: list[tuple[Program, str]] = []

    def __call__(self, program: Program) -> Program:
        self.programs.append(program)
        return program

    def each(self, **values: Any) -> Callable[[Callable[[Any, Any], Any]], None]:
        """One program per keyword, each with its value."""

        def add(program: Callable[[Any, Any], Any]) -> None:
            for name, value in values.items():
                one = _bound(program, value)
                one.__name__ = f"{program.__name__}[{name}]"
                self.programs.append(one)

        return add

    def limit(self, reason: str) -> Callable[[Program], Program]:
        """A program whose results differ across the wire, and why; what it needs belongs in a driver."""

        def add(program: Program) -> Program:
            self.limits.append((program, reason))
            return program

        return add


def _bound(program: Callable[[Any, Any], Any], value: Any) -> Program:
    return lambda module: program(module, value)


def outcome(program: Program, module: Any) -> Any:
    """What a program returns, or what it raised."""
    torch.manual_seed(0)
    np.random.seed(0)
    try:
        return program(module)
    except Exception as error:
        return Raised(error)
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        return Raised(error)


def differences(here: Any, there: Any, where: str = "result") -> Iterator[str]:
    """Every way in which two results differ: type, dtype, shape, bits, autograd's flags, gradients, exceptions."""
    if isinstance(here, Raised) or isinstance(there, Raised):
        yield from _errors(here, there, where)
    elif isinstance(here, torch.Tensor):
        yield from _tensors(here, there, where)
    elif isinstance(here, np.ndarray | np.generic) and not isinstance(here, str | bytes):
        yield from _arrays(here, there, where)
    elif isinstance(here, Mapping | list | tuple):
        yield from _containers(here, there, where)
    elif isinstance(here, torch.Generator | np.random.Generator):
        yield from differences(_state(here), _state(there), f"{where}.state")
    elif isinstance(here, DATA) or here is None or here is ... or isinstance(here, _EXACT):
        if type(there) is not _plain(here) or not _equal(here, there):
            yield f"{where}: {here!r} here, {there!r} there"
    elif not isinstance(there, Handle):
        yield f"{where}: an object here, {type(there).__name__} there"


_EXACT = (range, slice, bytearray, type, np.dtype, torch.dtype, torch.device)


def _plain(value: Any) -> type:
    """The exact type that a value may have across the wire: a subclass of data arrives as what it extends."""
    bases = (*DATA, *_EXACT[:3], np.dtype, torch.dtype, torch.device)
    if isinstance(value, type | np.dtype):
        return type(value)
    return bool if isinstance(value, bool) else next((b for b in bases if isinstance(value, b)), type(value))


def _equal(one: Any, other: Any) -> bool:
    """To the bit, but for the payload of NaN."""
    if isinstance(one, complex):
        return _equal(one.real, other.real) and _equal(one.imag, other.imag)
    if isinstance(one, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or (one == other and math.copysign(1, one) == math.copysign(1, other))
    return bool(one == other)


def _state(generator: Any) -> Any:
    return generator.get_state() if isinstance(generator, torch.Generator) else generator.bit_generator.state


def _errors(here: Any, there: Any, where: str) -> Iterator[str]:
    if not (isinstance(here, Raised) and isinstance(there, Raised)):
        yield f"{where}: {here!r} here, {there!r} there"
        return
    one, other = here.error, there.error
    if here.name != there.name:
        yield f"{where}: raised {here.name} here, {there.name} there ({other})"
    if not isinstance(other, RemoteError) and type(one) is not type(other):
        yield f"{where}: {type(other)} is not of the wire"
    for kind in type(one).__mro__:
        if kind.__module__ == "builtins" and issubclass(kind, BaseException) and not isinstance(other, kind):
            yield f"{where}: {kind.__name__} would catch it here, but not there"
    if str(one) != str(other) and not isinstance(one, BaseExceptionGroup):
        yield f"{where}: says {str(one)!r} here, {str(other)!r} there"
    if isinstance(one, BaseExceptionGroup):
        parts = ([Raised(part) for part in group.exceptions] for group in (one, other))
        yield from differences(*parts, f"{where}.exceptions")
    else:
        yield from differences(one.args, other.args, f"{where}.args")


def _arrays(here: Any, there: Any, where: str) -> Iterator[str]:
    if type(here) is not type(there):
        yield f"{where}: {type(here)} here, {type(there)} there"
    elif (here.dtype, here.shape) != (there.dtype, there.shape):
        yield f"{where}: {here.dtype}{here.shape} here, {there.dtype}{there.shape} there"
    elif here.tobytes() != there.tobytes():
        yield f"{where}: {here} here, {there} there"
    elif here.flags.writeable != there.flags.writeable:
        yield f"{where}: writeable {here.flags.writeable} here, {there.flags.writeable} there"


def _tensors(here: torch.Tensor, there: Any, where: str) -> Iterator[str]:
    if type(here) is not type(there):
        yield f"{where}: {type(here)} here, {type(there)} there"
        return
    for name in ("dtype", "shape", "layout", "requires_grad", "is_leaf"):
        if getattr(here, name) != getattr(there, name):
            yield f"{where}.{name}: {getattr(here, name)} here, {getattr(there, name)} there"
            return
    if (here.grad_fn is None) != (there.grad_fn is None):
        yield f"{where}: grad_fn {here.grad_fn} here, {there.grad_fn} there"
    one, other = here.detach().to_dense().resolve_conj(), there.detach().to_dense().resolve_conj()
    # The same sums may be added up in another order.
    if not torch.allclose(one, other, rtol=1e-6, atol=1e-7, equal_nan=True):
        yield f"{where}: {one} here, {other} there"
    if here.is_leaf:
        yield from differences(here.grad, there.grad, f"{where}.grad")


def _containers(here: Any, there: Any, where: str) -> Iterator[str]:
    if isinstance(here, tuple) and hasattr(here, "_fields") and hasattr(there, "_fields"):
        if (type(here).__name__, here._fields) != (type(there).__name__, there._fields):
            yield f"{where}: another record there"
        there = tuple(getattr(there, field) for field in there._fields)
        here = tuple(here)
    if type(there) is not (torch.Size if isinstance(here, torch.Size) else _dict_kind(here)):
        yield f"{where}: {type(here)} here, {type(there)} there"
    elif len(here) != len(there):
        yield f"{where}: {len(here)} items here, {len(there)} there"
    elif isinstance(here, Mapping):
        if list(map(repr, here)) != list(map(repr, there)):
            yield f"{where}: keys {list(here)} here, {list(there)} there"
        for (key, one), other in zip(here.items(), there.values(), strict=True):
            yield from differences(one, other, f"{where}[{key!r}]")
    else:
        for i, (one, other) in enumerate(zip(here, there, strict=True)):
            yield from differences(one, other, f"{where}[{i}]")


def _dict_kind(value: Any) -> type:
    from collections import OrderedDict

    return OrderedDict if isinstance(value, OrderedDict) else _plain(value)
