"""Autograd on the guest's side: numbered leaf tensors, and tapes that remember how results were made.

The judge numbers the tensors it sends (even numbers), the guest its own leaves (odd ones). A result that requires grad
is kept on a tape; when the judge's backward reaches it, `backward` runs the recorded graph here.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

from grader.errors import WireError
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder
from grader.wire.nodes import Node
from grader.wire.tensors import MAX_TWINS, Twin, apply_all, as_one_output, beside


class Outputs:
    """The results of one call that autograd connects with leaves, each once."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}  # id(result) -> its place
        self._results: list[Any] = []  # kept, so that an id stays that of the same tensor
        self.shown: list[Any] = []

    def __len__(self) -> int:
        return len(self.shown)

    def add(self, result: Any) -> int:
        """The place of a result. A leaf is shown as a view of itself, which has a graph behind it."""
        place = self._places.get(id(result))
        if place is None:
            place = self._places[id(result)] = len(self.shown)
            self._results.append(result)
            self.shown.append(_with_graph(result) if result.is_leaf else result)
        return place


def _with_graph(leaf: Any) -> Any:
    import torch

    with torch.enable_grad():
        return leaf.view_as(leaf)


class Variables:
    """All shared tensors and tapes of one guest.

    Even numbers are tensors of the judge's, of which this side has copies; odd ones are leaves of this side's own.
    """

    def __init__(self) -> None:
        self._twins: dict[int, Twin] = {}
        self._numbers: dict[int, int] = {}  # id(tensor) -> number; the twin keeps the tensor alive
        self._tapes: dict[int, tuple[list[Any], list[int]]] = {}
        self._described: set[int] = set()
        self._own = itertools.count(1, 2)

    def receive(self, node: Node, decoder: Decoder, copies: dict[int, tuple[Any, Any]]) -> Any:
        """The tensor for `["W", number, is_leaf, is_parameter, snapshot or None]`; None: it was sent before.

        A leaf may not be changed in place, but a tensor that is none in the judge may: what is handed out then is a
        copy that is connected to the leaf here, the same one throughout a call, and entered in `copies`.
        """
        import torch

        _, number, is_leaf, is_parameter, fresh = node
        if fresh is not None:
            self._add(number, Twin(_leaf(fresh, is_parameter, decoder), tracked=True))
            self._described.add(number)
        origin = self._twin(number).tensor
        if is_leaf:
            return origin
        if number not in copies:
            with torch.enable_grad():
                copies[number] = (origin.clone(), origin)
        return copies[number][0]

    def own(self, node: Node, decoder: Decoder) -> Any:
        """A leaf that the judge hands over for good, `["Q", is_parameter, snapshot]`: from now on it is the guest's."""
        tensor = _leaf(node[2], node[1], decoder)
        decoder.mutables.append(tensor)
        return tensor

    def is_of_judge(self, tensor: Any) -> bool:
        """Whether a leaf is the copy of a tensor of the judge's."""
        return self._numbers.get(id(tensor), 1) % 2 == 0

    def put_back(self) -> list[Node]:
        """Undo what candidate code did to copies of the judge's tensors; their places, `["V", number]` each."""
        of_judge = [number for number in self._twins if number % 2 == 0]
        return [["V", number] for number in of_judge if self._twins[number].put_back()]

    def export(self, tensor: Any) -> int:
        """The number of a leaf of this side's whose value the judge is going to see."""
        number = self._number(tensor)
        self._twins[number].track()
        return number

    def record(self, outputs: Outputs, encoder: Encoder) -> Node:
        """Keep `outputs` on a tape: `[tape, numbers of the leaves they depend on, data of each output]`."""
        leaves = [self._number(leaf) for leaf in _leaves(outputs.shown)]
        tape = next(self._own)
        self._tapes[tape] = (outputs.shown, leaves)
        return [tape, leaves, [encoder.tensor_data(output) for output in outputs.shown]]

    def backward(self, tape: Any, grads: list[Any], create_graph: bool) -> list[Any]:
        """Gradients of a tape's leaves (None where there is none), given those of its outputs."""
        import torch

        if tape not in self._tapes:
            raise WireError("a gradient was asked of a tape that is gone")
        outputs, leaves = self._tapes[tape]
        given = [(out, beside(grad, out)) for out, grad in zip(outputs, grads, strict=True) if grad is not None]
        wanted = [self._twins[number].tensor for number in leaves]
        live = [tensor for tensor in wanted if tensor.requires_grad]
        if not given or not live:
            return [None] * len(wanted)
        ends, upstream = as_one_output(*zip(*given, strict=True))
        with torch.set_grad_enabled(create_graph):
            found = torch.autograd.grad(
                ends, live, upstream, allow_unused=True, retain_graph=True, create_graph=create_graph
            )
        by_id = {id(tensor): grad for tensor, grad in zip(live, found, strict=True)}
        return [by_id.get(id(tensor)) for tensor in wanted]

    def describe(self) -> Node:
        """`[number, dtype name, shape, is_parameter]` of each that is new, so that the judge can make its mirror."""
        described = []
        for number in self._twins.keys() - self._described:
            tensor = self._twins[number].tensor
            is_parameter = isinstance(tensor, sys.modules["torch"].nn.Parameter)
            described.append([number, str(tensor.dtype).removeprefix("torch."), list(tensor.shape), is_parameter])
        self._described.update(self._twins)
        return described

    def news(self, encoder: Encoder) -> Node:
        """What changed of this side's own leaves since the last message, as `[number, news]`."""
        found = ((number, twin.news(encoder)) for number, twin in self._twins.items() if number % 2)
        return [[number, news] for number, news in found if news is not None]

    def apply(self, news: Node, decoder: Decoder) -> None:
        """Take over what the judge changed."""
        apply_all(news, self._twin, decoder)

    def drop_tapes(self, tapes: list[int]) -> None:
        """Forget results that the judge holds no more."""
        for tape in tapes:
            self._tapes.pop(tape, None)

    def _number(self, tensor: Any) -> int:
        number = self._numbers.get(id(tensor))
        if number is None:
            number = next(self._own)
            self._add(number, Twin(tensor, tracked=False, unknown=True))
        return number

    def _add(self, number: int, twin: Twin) -> None:
        if len(self._twins) >= MAX_TWINS:
            raise WireError(f"more than {MAX_TWINS} tensors that require grad are shared")
        self._twins[number] = twin
        self._numbers[id(twin.tensor)] = number

    def _twin(self, number: Any) -> Twin:
        if number not in self._twins:
            raise WireError("a tensor was named that is gone")
        return self._twins[number]


def _leaf(fresh: Node, is_parameter: bool, decoder: Decoder) -> Any:
    """A leaf with the value, `.grad` and `requires_grad` of the judge's tensor."""
    import torch

    data, grad, requires_grad = fresh
    tensor = decoder.tensor(data)
    tensor = torch.nn.Parameter(tensor, requires_grad) if is_parameter else tensor.requires_grad_(requires_grad)
    tensor.grad = None if grad is None else decoder.tensor(grad)
    return tensor


def _leaves(outputs: list[Any]) -> list[Any]:
    """The leaf tensors that the graph behind `outputs` reaches, each once."""
    found: list[Any] = []
    todo = [output.grad_fn for output in outputs]
    seen = set(todo)
    while todo:
        node = todo.pop()
        if type(node).__name__ == "AccumulateGrad":
            found.append(node.variable)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                todo.append(following)
    return found
