"""Autograd on the judge's side: mirrors of the guest's leaf tensors, and results that stay connected.

The call has already run when its results arrive. They are then made the outputs of one autograd node whose inputs are
the leaves that they depend on: tensors of the suite, and mirrors of the guest's parameters. The node's backward asks
the guest for gradients; when a graph of the backward is wanted too (`create_graph`), that question is itself such a
call, so second derivatives come out right.
"""

from __future__ import annotations

import itertools
import math
import weakref
from typing import TYPE_CHECKING, Any

from grader.errors import WireError
from grader.wire.decoder import Decoder, checked_shape
from grader.wire.dtypes import loaded_torch, torch_dtypes
from grader.wire.encoder import Encoder, Unsendable
from grader.wire.nodes import Node
from grader.wire.tensors import MAX_TWINS, Twin, apply_all, is_differentiable

if TYPE_CHECKING:
    from grader.judge.link import Link

MAX_MIRROR_BYTES = 2**30  # of all tensors that the guest says it has


class Mirrors:
    """Every tensor of one case that exists on both sides.

    Even numbers are the suite's own tensors, which no message of the guest's changes; odd ones stand for leaves of the
    guest's, and follow them.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._twins: dict[int, Twin] = {}
        self._numbers: dict[int, int] = {}  # id(tensor) -> number; the twin keeps the tensor alive
        self._own = itertools.count(0, 2)
        self._dropped: list[int] = []
        self._room = MAX_MIRROR_BYTES

    def claim(self, tensor: Any, encoder: Encoder) -> Node:
        """The node of a tensor that requires grad or is a mirror, and None for one that is only a value."""
        number = self._numbers.get(id(tensor))
        is_parameter = _is_parameter(tensor)
        if number is None and not tensor.requires_grad and not is_parameter:
            return None
        fresh = None
        if number is None:
            twin = Twin(tensor, tracked=True, resizable=False)
            fresh = twin.snapshot(encoder)
            number = next(self._own)
            self._add(number, twin)
        return ["W", number, bool(tensor.is_leaf), is_parameter, fresh]

    def news(self, encoder: Encoder) -> Node:
        """What the suite changed since the last message."""
        found = ((number, twin.news(encoder)) for number, twin in self._twins.items())
        return [[number, news] for number, news in found if news is not None]

    def dropped(self) -> list[int]:
        """Tapes whose results are gone; told once."""
        dropped = self._dropped.copy()
        del self._dropped[: len(dropped)]  # in place: the finalizers hold this very list
        return dropped

    def learn(self, described: Node) -> None:
        """Make a mirror for each `[number, dtype, shape, is_parameter]` that is new."""
        if type(described) is not list:
            raise WireError("the description of parameters is malformed")
        for item in described:
            if type(item) is not list or len(item) != 4 or type(item[0]) is not int:
                raise WireError("the description of a parameter is malformed")
            number, dtype, shape, is_parameter = item
            if number not in self._twins:
                if number % 2 == 0:
                    raise WireError("a parameter was named that the judge never sent")
                blank = _blank(dtype, shape, is_parameter is True, self._room)
                self._room -= blank.numel() * blank.element_size()
                self._add(number, Twin(blank, tracked=False))

    def give(self, tensor: Any, encoder: Encoder) -> Node:
        """The node of a leaf that is the guest's from now on; None for a tensor without autograd."""
        if not tensor.requires_grad and not _is_parameter(tensor):
            return None
        if not tensor.is_leaf:
            raise Unsendable("inout takes leaves, numbers and containers; detach the tensor that was computed")
        twin = Twin(tensor, tracked=True)
        return encoder.reference(tensor) or ["Q", _is_parameter(tensor), twin.snapshot(encoder)]

    def tensor(self, number: Any) -> Any:
        """The judge's tensor with this number."""
        return self._twin(number).tensor

    def mirror(self, number: Any) -> Any:
        """The judge's tensor that stands for a leaf of the guest's."""
        return self._twin_of_guest(number).tensor

    def apply(self, news: Node, decoder: Decoder) -> None:
        """Take over what candidate code made of its own leaves."""
        apply_all(news, self._twin_of_guest, decoder)

    def connect(self, tape: Node, decoder: Decoder) -> list[Any]:
        """The results on `[tape, leaves, data of each]` as tensors that depend on the judge's leaves."""
        if tape is None:
            return []
        if type(tape) is not list or len(tape) != 3 or type(tape[0]) is not int or type(tape[2]) is not list:
            raise WireError("the description of a graph is malformed")
        number, leaves, data = tape
        if type(leaves) is not list:
            raise WireError("the description of a graph is malformed")
        values = [decoder.tensor(item) for item in data]
        if not values or not all(map(is_differentiable, values)):
            raise WireError("a graph has no results, or one of a dtype that cannot require grad")
        call = _Call(self._link, number)
        weakref.finalize(call, self._dropped.append, number).atexit = False
        import torch

        with torch.enable_grad():
            connected = _function().apply(call, values, *(self.tensor(leaf) for leaf in leaves))
        return list(connected)

    def _add(self, number: int, twin: Twin) -> None:
        if len(self._twins) >= MAX_TWINS:
            raise WireError(f"more than {MAX_TWINS} tensors that require grad are shared")
        self._twins[number] = twin
        self._numbers[id(twin.tensor)] = number

    def _twin_of_guest(self, number: Any) -> Twin:
        twin = self._twin(number)
        if number % 2 == 0:
            raise WireError("a tensor of the suite's was named where only the guest's own may be")
        return twin

    def _twin(self, number: Any) -> Twin:
        if type(number) is not int or number not in self._twins:
            raise WireError("a parameter was named that does not exist")
        return self._twins[number]


class _Call:
    """One remote call: where its tape is. It lives as long as the graph; it must not hold what holds the graph."""

    __slots__ = ("__weakref__", "link", "tape")

    def __init__(self, link: Link, tape: int) -> None:
        self.link = link
        self.tape = tape

    def gradients(self, grads: list[Any], layouts: list[tuple[Any, Any]], create_graph: bool) -> list[Any]:
        """Of each leaf, a tensor of its (shape, dtype) or None, given those of the results."""
        import torch

        found = self.link.request("backward", self.tape, grads, create_graph)
        if type(found) is not list or len(found) != len(layouts):
            raise self.link.violation("the gradients do not match the graph")
        for grad, layout in zip(found, layouts, strict=True):
            if grad is not None and not (isinstance(grad, torch.Tensor) and (grad.shape, grad.dtype) == layout):
                raise self.link.violation("a gradient does not have its tensor's shape and dtype")
        return found


def _function() -> Any:
    """The autograd function; made on first use, because numpy exercises never import torch."""
    global _remote_function
    if _remote_function is None:
        _remote_function = _make_function()
    return _remote_function


_remote_function: Any = None


def _make_function() -> Any:
    import torch

    class RemoteCall(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, call: _Call, values: list[Any], *leaves: Any) -> tuple[Any, ...]:
            ctx.call = call
            ctx.layouts = [(leaf.shape, leaf.dtype) for leaf in leaves]
            ctx.set_materialize_grads(False)
            return tuple(values)

        @staticmethod
        def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
            return (None, None, *ctx.call.gradients(list(grads), ctx.layouts, torch.is_grad_enabled()))

    return RemoteCall


def _is_parameter(tensor: Any) -> bool:
    import torch

    return isinstance(tensor, torch.nn.Parameter)


def _blank(dtype: Any, shape: Any, is_parameter: bool, room: int) -> Any:
    torch = loaded_torch()  # never imported because a guest speaks of parameters: that takes seconds
    if type(dtype) is not str or dtype not in torch_dtypes():
        raise WireError("the description of a parameter is malformed")
    extents = checked_shape(shape)
    if math.prod(extents) * torch_dtypes()[dtype].itemsize > room:
        raise WireError(f"the parameters are larger than {MAX_MIRROR_BYTES} bytes")
    blank = torch.zeros(extents, dtype=torch_dtypes()[dtype])
    wants_grad = is_differentiable(blank)
    return torch.nn.Parameter(blank, wants_grad) if is_parameter else blank.requires_grad_(wants_grad)
