"""A device that stands in for a GPU where none may be touched: in the judge's process, for code that is trusted.

Its tensors hold their values in tensors of the CPU, and torch takes them for another device: an operation between one
of them and a tensor of the CPU is refused in CUDA's own words, new tensors are made there when `device=` says so, and
autograd, modules and optimizers work as on any device. So a reference and its mutants can be proven to keep tensors in
place, and a failure on a GPU be diagnosed, without a driver. The device is torch's `lazy`, of which nothing else is
loaded: autograd works for it on the thread that asks, where any other would get a thread of its own, and a judge that
has two cannot be forked. It is slow, knows no storage, and rounds as the CPU does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch.utils import _pytree as trees

from grader.guest.placement import CUDA, Elsewhere

DEVICE, _KEY = "lazy", "Lazy"
_DATA: Any = torch._C.TensorBase.data  # the attribute itself, which is redefined below
# CUDA takes indices from the CPU, and nothing else of these; copies between devices are what they are for.
_READING, _WRITING = "index", {"index_put", "index_put_", "_index_put_impl_"}
_MIXED = {"copy_", "_to_copy", "to"}
_REFUSAL = (
    "Expected all tensors to be on the same device, but found at least two devices, {device}:0 and cpu! (in {op})"
)


class StandIn(torch.Tensor):
    """A tensor on the device; `held` is the one that has its values."""

    held: Any
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, held: Any) -> Any:
        """Around a tensor of the CPU."""
        made: Any = torch.Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=torch.device(DEVICE, 0),
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operator on the values."""
        kwargs = dict(kwargs or {})
        given = [part for part in trees.tree_leaves((args, kwargs)) if isinstance(part, torch.Tensor)]
        if _is_refused(func._opname, given):
            raise RuntimeError(_REFUSAL.format(device=DEVICE, op=func))
        to = kwargs.get("device")
        stays = to is None or torch.device(to).type == DEVICE
        if to is not None:
            kwargs["device"] = torch.device("cpu")
        result = func(*trees.tree_map(_held, args), **trees.tree_map(_held, kwargs))
        for part in (kwargs.get("out"), args[0] if torch.Tag.inplace_view in func.tags else None):
            if isinstance(part, cls):  # resized, or squeezed in place: the shape of this side follows
                _DATA.__set__(part, cls(part.held))
        known = {id(_held(part)): part for part in given}  # what was changed in place is the same tensor as before
        return trees.tree_map(lambda part: _back(part, known, stays), result)

    @property
    def data(self) -> Any:
        """The same values without a graph."""
        return _DATA.__get__(self)

    @data.setter
    def data(self, value: Any) -> None:
        _DATA.__set__(self, value)  # which refuses a tensor of another device
        self.held = value.held

    def __repr__(self) -> str:  # type: ignore[override]
        return f"{self.held!r} on {DEVICE}"

    def tolist(self) -> Any:
        """The values."""
        return self.held.tolist()


class _StandingIn(Elsewhere):
    """Moves parameters as CUDA does, for which torch keeps the objects, and with them that two of them are one."""

    def settle(self, value: Any) -> None:
        before = torch.__future__.get_swap_module_params_on_conversion()
        torch.__future__.set_swap_module_params_on_conversion(True)
        try:
            super().settle(value)
        finally:
            torch.__future__.set_swap_module_params_on_conversion(before)


def placement() -> Elsewhere:
    """The placement that puts tensors there, under the name that a GPU has."""
    _register()
    return _StandingIn(f"{DEVICE}:0", CUDA)


def _is_refused(operator: str, given: Sequence[Any]) -> bool:
    """Whether CUDA refuses these tensors together; one without axes may come from the CPU."""
    if operator in _MIXED:
        return False
    if operator == _READING:
        given = given[:1]
    elif operator in _WRITING:
        given = [given[0], given[-1]]  # the tensor and the values
    return any(part.dim() and not isinstance(part, StandIn) for part in given)


def _held(part: Any) -> Any:
    return part.held if isinstance(part, StandIn) else part


def _back(part: Any, known: dict[int, Any], stays: bool) -> Any:
    if id(part) in known:
        return known[id(part)]
    if not isinstance(part, torch.Tensor) or not stays:
        return part
    # What is conjugated or negated by a flag would have none on this side.
    return StandIn(part.resolve_conj().resolve_neg() if part.is_conj() or part.is_neg() else part)


class _DeviceModule(ModuleType):
    """What checkpointing asks of a device's module; random numbers are those of the CPU."""

    device = contextlib.nullcontext

    def get_rng_state(self) -> Any:
        return torch.get_rng_state()

    def set_rng_state(self, state: Any) -> None:
        torch.set_rng_state(state)


@cache
def _register() -> Any:
    """Tell torch of the device, for good in this process; the library must live as long."""
    if not hasattr(torch, DEVICE):
        torch._register_device_module(DEVICE, _DeviceModule(f"torch.{DEVICE}"))  # type: ignore[no-untyped-call]
    library: Any = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    library.impl("empty.memory_format", _empty, _KEY)
    library.impl("empty_strided", _empty_strided, _KEY)
    library.impl("_copy_from", _copy_from, _KEY)
    return library


def _empty(size: Any, *, dtype: Any = None, memory_format: Any = None, **_: Any) -> Any:
    return StandIn(torch.empty(size, dtype=dtype, memory_format=memory_format or torch.contiguous_format))


def _empty_strided(size: Any, stride: Any, *, dtype: Any = None, **_: Any) -> Any:
    return StandIn(torch.empty_strided(size, stride, dtype=dtype))


def _copy_from(source: Any, target: Any, non_blocking: bool = False) -> Any:
    _held(target).copy_(_held(source))
    return target
