"""In-place changes that candidate code made to its arguments, done to the judge's objects as well.

Without this, "the inputs are not mutated" would pass by mistake. A hostile guest can hide a change; it cannot make one
that does not fit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.errors import WireError
from grader.judge.twister import advance
from grader.wire.decoder import Decoder
from grader.wire.nodes import WRITABLE_BIT_GENERATORS, Node


def write_back(changes: Node, sent: list[Any], decoder: Decoder, shared: Callable[[Any], Any]) -> None:
    """Apply `[place, new value]` pairs to the arguments; raises WireError for a change that cannot have been made.

    A place is a number in `sent`, or `["V", number]` for a tensor that autograd knows, which `shared` finds.
    """
    if type(changes) is not list:
        raise WireError("the changes of arguments are malformed")
    for change in changes:
        if type(change) is not list or len(change) != 2:
            raise WireError("the changes of arguments are malformed")
        place, node = change
        value = decoder.decode(node)
        if type(place) is list and len(place) == 2 and place[0] == "V":
            _rebase(shared(place[1]), value)
        else:
            _assign(sent[argument_number(place, sent)], value)


def argument_number(number: Any, sent: list[Any]) -> int:
    """`number`, if an argument has it; raises WireError otherwise."""
    if type(number) is not int or not 0 <= number < len(sent):
        raise WireError("an argument was named that was not sent")
    return number


def _assign(target: Any, value: Any) -> None:
    if type(target) is not type(value):
        raise WireError(f"an argument of type {type(target).__name__} came back as {type(value).__name__}")
    if isinstance(target, list):
        target[:] = value
    elif isinstance(target, dict | set):
        target.clear()
        target.update(value)
    elif isinstance(target, np.ndarray):
        _assign_array(target, value)
    elif isinstance(target, np.random.Generator):
        _advance(target, value)
    else:
        _assign_torch(target, value)


def _assign_array(target: np.ndarray[Any, Any], value: np.ndarray[Any, Any]) -> None:
    if target.shape != value.shape or target.dtype != value.dtype or not target.flags.writeable:
        raise WireError("an array changed its shape or dtype, or was read-only")
    target[...] = value


def _advance(target: np.random.Generator, value: np.random.Generator) -> None:
    """Move a generator on. Only kinds whose every state is sound, and only along their own stream, are followed.

    Otherwise a guest could hand back a degenerate state and so choose the inputs of the cases that follow.
    """
    old, new = target.bit_generator.state, value.bit_generator.state
    kind = old["bit_generator"]
    fixed = {"PCG64": "inc", "PCG64DXSM": "inc", "Philox": "key"}
    if kind != new["bit_generator"] or kind not in WRITABLE_BIT_GENERATORS:
        raise WireError(f"a generator of kind {kind} cannot be advanced across the wire; use numpy's default_rng")
    if not np.array_equal(old["state"][fixed[kind]], new["state"][fixed[kind]]):
        raise WireError("a generator came back on another stream")
    target.bit_generator.state = new


def _assign_torch(target: Any, value: Any) -> None:
    torch = sys.modules["torch"]
    if isinstance(target, torch.Generator):
        advance(target, value)
        return
    _check_layout(target, value)
    with torch.no_grad():
        target.copy_(value)


def _rebase(target: Any, value: Any) -> None:
    """In-place work on a result of the suite's: it goes on from the new value, and its gradient through that."""
    torch = sys.modules["torch"]
    if target.is_leaf or not isinstance(value, torch.Tensor):
        raise WireError("a leaf was changed in place")
    _check_layout(target, value)
    with torch.set_grad_enabled(value.requires_grad):
        target.copy_(value)


def _check_layout(target: Any, value: Any) -> None:
    if target.shape != value.shape or target.dtype != value.dtype:
        raise WireError("a tensor changed its shape or dtype")
