"""What a judge may do to an object that stays in the guest. The names are the wire's, the functions are Python's."""

from __future__ import annotations

import operator
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from grader.guest.world import watched


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the judge has handed over for good: it stays here, whatever its type, and the judge has a handle."""

    value: Any


def _call(target: Any, /, *args: Any, **kwargs: Any) -> Any:
    return target(*args, **kwargs)


def _method(target: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
    return getattr(target, name)(*args, **kwargs)


def _attribute(target: Any, name: str) -> list[Any]:
    """The attribute, and whether it is a method of the target's class, or a function or class of a module.

    Such a one can be looked up and called in one request from then on.
    """
    return [getattr(target, name), _is_method(target, name)]


def _is_method(target: Any, name: str) -> bool:
    kind = type(target)
    own = _own_attributes(target)
    if issubclass(kind, ModuleType):
        return isinstance(own.get(name), FunctionType | type)
    holders = [vars(base) for base in kind.__mro__ if name in vars(base)]
    return bool(holders) and isinstance(holders[0][name], FunctionType) and name not in own


def _own_attributes(target: Any) -> Mapping[str, Any]:
    try:
        own = object.__getattribute__(target, "__dict__")
    except AttributeError:
        return {}
    return own if type(own) is dict else {}


def _enter(target: Any) -> Any:
    return type(target).__enter__(target)


def _leave(target: Any) -> Any:
    return type(target).__exit__(target, None, None, None)


def _put(_: Any, value: Any) -> Given:
    return Given(value)


def _value(target: Any) -> Any:
    return target


def _seed(_: Any, seed: int) -> None:
    seed_globals(seed)


def seed_globals(seed: int) -> None:
    """Seed the global generators of random, numpy and, where it is loaded, torch in this process."""
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(seed)  # torch.manual_seed asks every backend, which takes a millisecond
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": _call,
    "getattr": _attribute,
    "method": _method,
    "setattr": setattr,
    "delattr": delattr,
    "len": len,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
    "iter": iter,
    "next": next,
    "bool": bool,
    "str": str,
    "repr": repr,
    "dir": dir,
    "enter": _enter,
    "leave": _leave,
    "seed": _seed,
    "watched": watched,
    "put": _put,
    "value": _value,
}
