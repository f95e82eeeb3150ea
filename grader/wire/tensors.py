"""Tensors that exist on both sides at once, and how each side tells the other what changed.

A tensor that requires grad and is a leaf (a parameter, or an input of a call) has a number and a twin across the wire.
The value, `.grad` and `requires_grad` may be changed by the side that owns it between two messages; `Twin.news` finds
out by comparing with what was last in step, because in-place work through `.data` leaves no trace in version counters.
The judge may also change what the guest owns; a guest that changes a copy of the judge's has it put back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from grader.errors import WireError
from grader.wire.decoder import MALFORMED, Decoder
from grader.wire.encoder import Encoder
from grader.wire.memory import looks_like, picture_of, small_tensor
from grader.wire.nodes import Node

NO_GRAD, SAME_GRAD, NEW_GRAD = 0, 1, 2
MAX_TWINS = 20_000


class Twin:
    """One shared tensor.

    `tracked` says whether its value is kept in step, or only its `.grad`, shape and dtype. `resizable` says whether the
    other side may change its shape. A twin that is `unknown` is one of which the other side has only made a blank.
    """

    __slots__ = ("_grad", "_layout", "_requires_grad", "_resizable", "_value", "tensor", "tracked")

    def __init__(self, tensor: Any, *, tracked: bool, unknown: bool = False, resizable: bool = True) -> None:
        self.tensor = tensor
        self.tracked = tracked
        self._resizable = resizable
        self.settle()
        if unknown:
            self._grad = None
            self._requires_grad = is_differentiable(tensor)

    def settle(self) -> None:
        """Take the present state as the one that both sides know."""
        self._value = picture_of(self.tensor) if self.tracked else None
        self._layout = (self.tensor.dtype, self.tensor.shape)
        self._grad = picture_of(self._current_grad())
        self._requires_grad = self.tensor.requires_grad

    def news(self, encoder: Encoder) -> list[Any] | None:
        """`[value, grad's state, grad, requires_grad]` of what changed, or None; the state is then settled."""
        moved = self._layout != (self.tensor.dtype, self.tensor.shape)
        value_changed = moved or (self.tracked and not looks_like(self._value, self.tensor))
        grad = self._current_grad()
        grad_changed = not looks_like(self._grad, grad)
        if not (value_changed or grad_changed or self._requires_grad != self.tensor.requires_grad):
            return None
        value = encoder.tensor_data(self.tensor) if value_changed else None
        state = SAME_GRAD if not grad_changed else NO_GRAD if grad is None else NEW_GRAD
        sent = encoder.tensor_data(grad) if state == NEW_GRAD else None
        self.tracked = self.tracked or value_changed
        self.settle()
        return [value, state, sent, self.tensor.requires_grad]

    def snapshot(self, encoder: Encoder) -> list[Any]:
        """`[value, grad or None, requires_grad]`, for the side that has never seen the tensor."""
        grad = self._current_grad()
        sent = None if grad is None else encoder.tensor_data(grad)
        return [encoder.tensor_data(self.tensor), sent, self.tensor.requires_grad]

    def put_back(self) -> bool:
        """Make the tensor what both sides know it as; whether it was anything else.

        Only of a tracked one, whose value is known, and which is a leaf for both.
        """
        tensor, grad = self.tensor, self._current_grad()
        flag = tensor.requires_grad == self._requires_grad
        if looks_like(self._value, tensor) and looks_like(self._grad, grad) and flag:
            return False
        if not tensor.is_leaf:  # one that did not require grad, and was mixed in place with what does
            tensor.detach_()
        self._set_value(_from_picture(self._value))
        tensor.requires_grad_(self._requires_grad)
        tensor.grad = None if self._grad is None else beside(_from_picture(self._grad), tensor)
        return True

    def track(self) -> None:
        """From the next message on, keep the value in step too; it is sent once."""
        if not self.tracked:
            self.tracked = True
            self._value = None

    def apply(self, news: Node, decoder: Decoder) -> None:
        """Take over what the other side says; raises WireError when it is malformed."""
        if type(news) is not list or len(news) != 4 or type(news[3]) is not bool:
            raise WireError("an update of a tensor is malformed")
        try:
            self._apply(decoder, *news)
        except MALFORMED as error:  # torch's own refusals, of a dtype that cannot require grad for one
            raise WireError(f"an update of a tensor does not fit it: {error}") from error
        self.settle()

    def _apply(self, decoder: Decoder, value: Node, state: Node, grad: Node, requires_grad: bool) -> None:
        if value is not None:
            self._set_value(decoder.tensor(value))
            self.tracked = True
        if not self.tensor.is_leaf:
            return
        if is_differentiable(self.tensor):
            self.tensor.requires_grad_(requires_grad)
        if state == NEW_GRAD:
            self.tensor.grad = beside(decoder.tensor(grad), self.tensor)  # torch itself refuses another shape or dtype
        elif state == NO_GRAD:
            self.tensor.grad = None

    def _set_value(self, value: Any) -> None:
        tensor = self.tensor
        if tensor.dtype == value.dtype and tensor.shape == value.shape:
            tensor.data.copy_(value)  # through .data: a graph that has saved the tensor stays usable
        elif tensor.is_leaf and (self._resizable or (tensor.shape == value.shape and is_differentiable(value))):
            tensor.data = beside(value, tensor)
        else:
            raise WireError("a tensor changed its shape, or one that is not a leaf its dtype")

    def _current_grad(self) -> Any:
        """Dense; asking a tensor that is not a leaf would print a warning."""
        grad = self.tensor.grad if self.tensor.is_leaf else None
        return grad.to_dense() if grad is not None and grad.is_sparse else grad


def beside(value: Any, tensor: Any) -> Any:
    """The value on the device of `tensor`, as torch wants a gradient; the same object where it is there already."""
    return value if value.device == tensor.device else value.to(tensor.device)


def _from_picture(picture: Any) -> Any:
    dtype, shape, values = picture
    return small_tensor(dtype, shape, values)


def apply_all(news: Node, twin_of: Callable[[int], Twin], decoder: Decoder) -> None:
    """Apply a list of `[number, news]`."""
    if type(news) is not list:
        raise WireError("the updates of tensors are malformed")
    for item in news:
        if type(item) is not list or len(item) != 2:
            raise WireError("an update of a tensor is malformed")
        twin_of(item[0]).apply(item[1], decoder)


def is_differentiable(tensor: Any) -> bool:
    """Whether a tensor of this dtype may require grad."""
    return bool(tensor.is_floating_point() or tensor.is_complex())


def as_one_output(outputs: Sequence[Any], grads: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Outputs and gradients, at least one, for torch to go backward from: a number that has, exactly, those gradients.

    torch takes gradients of tensors itself, but reads some 500 modules when it is first given any (0.4 s, several on a
    busy machine), which a candidate's time limit would pay. Complex and sparse outputs come back as they are.
    """
    import torch

    if any(output.is_complex() or output.is_sparse for output in outputs):
        return outputs, grads
    with torch.enable_grad():
        first, *others = [(output * grad).sum() for output, grad in zip(outputs, grads, strict=True)]
        return [sum(others, first)], [None]
