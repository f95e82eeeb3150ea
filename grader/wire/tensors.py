"""Tensors that exist on both sides at once, and how each side tells the other what changed.

A tensor that requires grad and is a leaf (a parameter, or an input of a call) has a number and a twin across the wire.
The value, `.grad` and `requires_grad` may be changed by either side between two messages; `Twin.news` finds out by
comparing with what was last in step, because in-place work through `.data` leaves no trace in version counters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.errors import WireError
from grader.wire.codec import Decoder, Encoder, Node

NO_GRAD, SAME_GRAD, NEW_GRAD = 0, 1, 2
MAX_TWINS = 20_000


class Twin:
    """One shared tensor. `tracked` says whether its value is kept in step, or only its `.grad`."""

    __slots__ = ("_grad", "_requires_grad", "_value", "tensor", "tracked")

    def __init__(self, tensor: Any, *, tracked: bool) -> None:
        self.tensor = tensor
        self.tracked = tracked
        self.settle()

    def settle(self) -> None:
        """Take the present state as the one that both sides know."""
        self._value = self.tensor.detach().clone() if self.tracked else None
        grad = self._current_grad()
        self._grad = None if grad is None else grad.detach().clone()
        self._requires_grad = self.tensor.requires_grad

    def news(self, encoder: Encoder) -> list[Any] | None:
        """`[value, grad's state, grad, requires_grad]` of what changed, or None; the state is then settled."""
        value_changed = self.tracked and not _same(self.tensor, self._value)
        grad = self._current_grad()
        grad_changed = not _same(grad, self._grad)
        if not (value_changed or grad_changed or self._requires_grad != self.tensor.requires_grad):
            return None
        value = encoder.tensor_data(self.tensor) if value_changed else None
        state = SAME_GRAD if not grad_changed else NO_GRAD if grad is None else NEW_GRAD
        sent = encoder.tensor_data(grad) if state == NEW_GRAD else None
        self.settle()
        return [value, state, sent, self.tensor.requires_grad]

    def _current_grad(self) -> Any:
        return self.tensor.grad if self.tensor.is_leaf else None  # asking a non-leaf would print a warning

    def track(self) -> None:
        """From the next message on, keep the value in step too; it is sent once."""
        if not self.tracked:
            self.tracked = True
            self._value = None

    def apply(self, news: Node, decoder: Decoder) -> None:
        """Take over what the other side says; raises WireError when it is malformed."""
        import torch

        if type(news) is not list or len(news) != 4:
            raise WireError("an update of a tensor is malformed")
        value, state, grad, requires_grad = news
        with torch.no_grad():
            if value is not None:
                _set_value(self.tensor, decoder.tensor(value))
                self.tracked = True
            if not self.tensor.is_leaf:
                return self.settle()
            if self.tensor.is_floating_point() or self.tensor.is_complex():
                self.tensor.requires_grad_(requires_grad is True)
            if state == NEW_GRAD:
                self.tensor.grad = _fitting(decoder.tensor(grad), self.tensor)
            elif state == NO_GRAD:
                self.tensor.grad = None
        self.settle()


def apply_all(news: Node, twin_of: Callable[[int], Twin], decoder: Decoder) -> None:
    """Apply a list of `[number, news]`."""
    if type(news) is not list:
        raise WireError("the updates of tensors are malformed")
    for item in news:
        if type(item) is not list or len(item) != 2:
            raise WireError("an update of a tensor is malformed")
        twin_of(item[0]).apply(item[1], decoder)


def _same(one: Any, other: Any) -> bool:
    import torch

    if one is None or other is None:
        return one is other
    return bool(one.dtype == other.dtype and one.shape == other.shape and torch.equal(one.detach(), other))


def _set_value(tensor: Any, value: Any) -> None:
    if tensor.dtype == value.dtype and tensor.shape == value.shape:
        tensor.data.copy_(value)  # through .data: a graph that has saved the tensor stays usable, as it does locally
    elif tensor.is_leaf:
        tensor.data = value
    else:
        raise WireError("a tensor that is not a leaf changed its shape or dtype")


def _fitting(grad: Any, tensor: Any) -> Any:
    if grad.shape != tensor.shape or grad.dtype != tensor.dtype:
        raise WireError("a gradient does not have its tensor's shape and dtype")
    return grad
