"""What a judge may do to an object that stays in the guest. The names are the wire's, the functions are Python's."""

from __future__ import annotations

import operator
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np


def _call(target: Any, /, *args: Any, **kwargs: Any) -> Any:
    return target(*args, **kwargs)


def _enter(target: Any) -> Any:
    return type(target).__enter__(target)


def _leave(target: Any) -> Any:
    return type(target).__exit__(target, None, None, None)


def _seed(_: Any, seed: int) -> None:
    seed_globals(seed)


def seed_globals(seed: int) -> None:
    """Seed the global generators of random, numpy and, where it is loaded, torch in this process."""
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": _call,
    "getattr": getattr,
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
}
