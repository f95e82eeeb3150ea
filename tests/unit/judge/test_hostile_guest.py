"""Whatever a guest answers, the judge goes on: a GuestFailure, a candidate's exception, or a plain value.

What the suite itself holds (its tensors, arrays and generators) keeps its shape and dtype.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.handle import Bridge, Handle
from grader.model.verdict import Status
from grader.wire.encoder import Encoder
from tests.unit.judge.puppet import JUNK, Puppet, fine, meet, reply, spoiled
from tests.unit.wire.frames import raw_frame

Suite = Callable[[Handle], Any]


class Held:
    """What a suite holds and passes, and what must still hold of it afterwards."""

    def __init__(self) -> None:
        self.leaf = torch.ones(2, 3, requires_grad=True)
        self.computed = self.leaf * 2
        self.parameter = torch.nn.Parameter(torch.ones(2))
        self.array, self.tensor = np.ones((2, 2)), torch.ones(2, dtype=torch.float64)
        self.items, self.mapping, self.set = [1, 2], {"a": 1}, {3}
        self.rng, self.torch_rng = np.random.default_rng(1), torch.Generator().manual_seed(1)

    def arguments(self) -> list[Any]:
        """Numbered 0 to 5 and 8 without autograd (a numpy generator has parts of its own), 0, 2 and 4 with it."""
        plain = [self.array, self.tensor, self.items, self.mapping, self.set, self.rng, self.torch_rng]
        return [self.leaf, self.computed, self.parameter, *plain]

    def check(self) -> None:
        """Shapes, dtypes and soundness."""
        assert (self.leaf.shape, self.leaf.dtype, self.leaf.is_leaf) == ((2, 3), torch.float32, True)
        assert (self.computed.shape, self.computed.dtype) == ((2, 3), torch.float32)
        assert (self.parameter.shape, self.parameter.is_floating_point()) == ((2,), True)
        assert all(t.grad is None or t.grad.shape == t.shape for t in (self.leaf, self.parameter))
        assert (self.array.shape, self.array.dtype) == ((2, 2), np.float64)
        assert (self.tensor.shape, self.tensor.dtype) == ((2,), torch.float64)
        assert [type(v) for v in (self.items, self.mapping, self.set)] == [list, dict, set]
        assert np.isfinite(self.rng.normal(size=100)).all()
        assert torch.rand(2_000, generator=self.torch_rng).unique().numel() > 1_900


def attempt(suite: Suite, handle: Handle) -> BaseException | None:
    """What a suite ended with; anything but a guest's failure or a candidate's exception fails the test."""
    try:
        suite(handle)
    except (GuestFailure, RemoteError) as error:
        return error
    return None


def full_reply() -> tuple[list[Any], list[Any]]:
    """An honest reply that uses every field, after its id: structure and blobs."""
    encoder = Encoder()
    value = torch.zeros(2, 3)
    outputs = [["Y", 0], ["V", 1], ["H", 5, "Thing", "thing", 0]]
    plain = encoder.encode([1.5, {"k": np.ones(2)}, list(range(40)), "é"])
    data = [encoder.tensor_data(value), encoder.tensor_data(value)]
    news = [
        [1, [encoder.tensor_data(torch.ones(4)), 0, None, False]],
    ]
    changed = [0, 4, 8, ["V", 2]]
    structure = ["ok", ["T", *outputs, plain], changed, [[1, "float32", [4], True]], [3, [0, 1, 2], data], news]
    return structure, encoder.blobs


def spoiled_turns() -> list[list[Any]]:
    """The honest reply and every way of spoiling it that is still a list of fields."""
    structure, _ = full_reply()
    return [structure, *(bad for bad in spoiled(structure) if isinstance(bad, list))]


def error_reply() -> tuple[list[Any], list[Any]]:
    """An honest description of a group of exceptions."""
    encoder = Encoder()
    part = [["UnicodeDecodeError", "ValueError"], "E", "text", [encoder.encode(b"x"), 1, 2.5], "trace", None]
    group = [["ExceptionGroup", "Exception"], "G", "text", None, "trace", [part]]
    return ["error", group, [], [], None, []], encoder.blobs


def test_the_honest_reply_is_understood() -> None:
    """What is spoiled below is right before."""
    structure, blobs = full_reply()
    _, _, m = meet(lambda request: reply(request, *structure, blobs=blobs))
    held = Held()
    result = m(*held.arguments())
    assert result[1].shape == (4,)
    assert result[3][0] == 1.5
    held.check()


@pytest.mark.parametrize("template", [full_reply, error_reply], ids=["ok", "error"])
def test_every_field_of_a_reply_may_be_spoiled(template: Callable[[], Any]) -> None:
    """Junk in, nothing in, or one too many in every place of the tree."""
    structure, blobs = template()
    for bad in spoiled(structure):
        fields = bad if isinstance(bad, list) else [bad]
        puppet, bridge, m = meet(lambda request, fields=fields: _raw(request, fields, blobs))
        held = Held()
        error = attempt(lambda m, held=held: m(*held.arguments()), m)
        held.check()
        if isinstance(error, GuestFailure):
            assert (error.status, puppet.closed) == (Status.RUNTIME_ERROR, True)
            assert bridge.link.violations
        puppet.close()


def _raw(request: list[Any], fields: list[Any], blobs: list[Any]) -> bytes:
    try:
        return reply(request, *fields, blobs=blobs)
    except (OverflowError, TypeError):  # not even msgpack can say this
        return fine(request)


@pytest.mark.parametrize("grads", [[["X", "float32", [2, 3], 0]], JUNK], ids=["honest", "junk"])
def test_every_field_of_a_gradient_may_be_spoiled(grads: list[Any]) -> None:
    """A backward in the judge gets gradients of the right shape and dtype, or the guest is ended."""
    encoder = Encoder()
    data = encoder.tensor_data(torch.zeros(2, 3))
    for bad in spoiled(["L", *grads]):

        def answer(request: list[Any], bad: Any = bad) -> bytes:
            if request[1] == "backward":
                return reply(request, "ok", bad, [], [], None, [], blobs=encoder.blobs)
            return reply(request, "ok", ["Y", 0], [], [], [1, [0], [data]], [], blobs=encoder.blobs)

        puppet, _, m = meet(answer)
        held = Held()
        attempt(lambda m, held=held: m(held.leaf).sum().backward(), m)
        held.check()
        puppet.close()


@pytest.mark.parametrize(
    "gradient",
    [torch.ones(3), torch.ones(2, 3).double(), torch.ones(2, 3, 1), torch.ones(2, 3).long(), torch.ones(())],
    ids=["shape", "dtype", "dimension", "integers", "scalar"],
)
def test_a_gradient_that_does_not_fit_ends_the_guest(gradient: torch.Tensor) -> None:
    """It is not an exception that a suite could expect."""
    encoder = Encoder()
    data = encoder.tensor_data(torch.zeros(2, 3))
    node = encoder.encode([gradient])

    def answer(request: list[Any]) -> bytes:
        value, tape = (node, None) if request[1] == "backward" else (["Y", 0], [1, [0], [data]])
        return reply(request, "ok", value, [], [], tape, [], blobs=encoder.blobs)

    _, bridge, m = meet(answer)
    held = Held()
    with pytest.raises(GuestFailure, match="gradient"):
        m(held.leaf).sum().backward()
    assert bridge.link.violations
    assert held.leaf.grad is None


CALLBACK = ["callback", 0, [1, ["L", 2]], [["key", 3]]]


def test_every_field_of_a_callback_may_be_spoiled() -> None:
    """The suite's function runs with plain values, or the guest is ended."""
    for bad in spoiled(CALLBACK):
        fields = bad if isinstance(bad, list) else [bad]
        asked: list[Any] = []

        def answer(request: list[Any], fields: list[Any] = fields, asked: list[Any] = asked) -> bytes:
            if asked:
                return fine(asked[0])
            asked.append(request)
            return _raw(request, fields, [b"text"])

        puppet, _, m = meet(answer, within_s=1.0)
        attempt(lambda m: m(lambda *args, **kwargs: len(args)), m)
        puppet.close()


def test_endless_callbacks_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest cannot keep the judge busy with questions of its own."""
    monkeypatch.setattr("grader.judge.link.MAX_CALLBACKS", 50)
    first: list[Any] = []

    def answer(request: list[Any]) -> bytes:
        first.append(request)
        return reply(first[0], *CALLBACK[:2], [], [])

    _, _, m = meet(answer)
    with pytest.raises(GuestFailure, match="too many callbacks"):
        m(lambda: None)
    assert len(first) == 51


def test_callbacks_that_nest_without_end_are_ended() -> None:
    """Each question within a question is one more frame of the judge's own stack."""
    _, _, m = meet(lambda request: reply(request, "callback", 0, [], []))
    with pytest.raises(GuestFailure, match="too deeply"):
        m(lambda: m())


# The stream itself


STREAMS: dict[str, Callable[[list[Any]], bytes]] = {
    "another id": lambda q: raw_frame([q[0] + 1, "ok", None, [], [], None, []]),
    "the id as a float": lambda q: raw_frame([float(q[0]), "ok", None, [], [], None, []]),
    "no id": lambda q: raw_frame([None, "ok", None, [], [], None, []]),
    "an unknown kind": lambda q: raw_frame([q[0], "fine", None, [], [], None, []]),
    "a kind that is no text": lambda q: raw_frame([q[0], ["ok"], None, [], [], None, []]),
    "a field short": lambda q: raw_frame([q[0], "ok", None]),
    "a field long": lambda q: raw_frame([q[0], "ok", None, [], [], None, [], None]),
    "a map": lambda q: raw_frame({"id": q[0]}),
    "a number": lambda q: raw_frame(7),
    "an empty list": lambda q: raw_frame([]),
    "no magic": lambda q: b"HTTP" + raw_frame([q[0]])[4:],
    "too many blobs announced": lambda q: b"viv1" + b"\0\0\0\1" + b"\xff\xff\xff\xff",
    "a blob of exabytes announced": lambda q: b"viv1" + b"\0\0\0\1" + b"\0\0\0\1" + b"\x7f" + b"\xff" * 7,
    "a structure of gigabytes announced": lambda q: b"viv1" + b"\xff\xff\xff\xff" + b"\0\0\0\0",
    "not msgpack": lambda q: raw_frame(b"\xc1\xc1"),
    "bytes after the structure": lambda q: raw_frame(b"\xc0\xc0"),
}  # fmt: skip


@pytest.mark.parametrize("answer", STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_that_breaks_the_rules_ends_the_guest(answer: Callable[[list[Any]], bytes]) -> None:
    """The failure is the candidate's, is kept, and every further request meets it."""
    puppet, bridge, m = meet(answer)
    with pytest.raises(GuestFailure, match="could not be read") as caught:
        m()
    assert (caught.value.status, puppet.closed, len(bridge.link.violations)) == (Status.RUNTIME_ERROR, True, 1)
    with pytest.raises(GuestFailure):
        m()


def test_a_reply_before_the_question_is_not_believed() -> None:
    """An id that is not known yet cannot be guessed."""
    puppet, _, m = meet(fine)
    puppet.say(raw_frame([0, "ok", "early", [], [], None, []]))
    with pytest.raises(GuestFailure, match="does not belong"):
        m()


def test_a_second_reply_is_not_believed() -> None:
    """It lies in wait for the next question, whose id is another."""
    _, _, m = meet(lambda request: fine(request, 1) + fine(request, 2))
    assert m() == 1
    with pytest.raises(GuestFailure, match="does not belong"):
        m()


def test_a_frame_that_breaks_off_is_the_guests_end() -> None:
    """A stream that ends within a frame is told as the end of the process."""
    puppet, _, m = meet(lambda request: fine(request)[:-2])
    handle_up: list[Puppet] = [puppet]
    original = puppet.send

    def send_and_die(frame: Any, deadline: float) -> None:
        original(frame, deadline)
        handle_up[0].hang_up()

    puppet.send = send_and_die  # type: ignore[method-assign]
    with pytest.raises(GuestFailure, match="ended its own process"):
        m()


def test_a_frame_that_never_ends_runs_into_the_deadline() -> None:
    """Silence within a frame counts as silence."""
    _, _, m = meet(lambda request: fine(request)[:-2], within_s=0.2)
    started = time.monotonic()
    with pytest.raises(GuestFailure, match="time limit") as caught:
        m()
    assert caught.value.status is Status.TIME_LIMIT
    assert time.monotonic() - started < 2


def test_a_module_that_is_none_ends_the_guest() -> None:
    """`load` gives a handle or nothing."""
    puppet, bridge, _ = meet(lambda request: fine(request, 5))
    with pytest.raises(GuestFailure, match="did not load"):
        bridge.load("solution", "")
    assert puppet.closed


# Lies that are well formed


def lie(**fields: Any) -> tuple[Bridge, Handle, Held]:
    """A guest that answers every call with these fields; `blobs` among them."""
    blobs = fields.get("blobs", [])

    def answer(request: list[Any]) -> bytes:
        rest = (fields.get(name, []) for name in ("changes", "mirrors"))
        return reply(request, "ok", fields.get("value"), *rest, fields.get("tape"), fields.get("news", []), blobs=blobs)

    _, bridge, m = meet(answer)
    return bridge, m, Held()


F32 = "float32"
LIES: dict[str, dict[str, Any]] = {
    "an input of another shape": {"news": [[0, [[F32, [1], 0], 1, None, True]]], "blobs": [bytes(4)]},
    "a computed one of another dtype": {"news": [[2, [["float64", [2, 3], 0], 1, None, True]]], "blobs": [bytes(48)]},
    "an input made of integers": {"news": [[0, [["int64", [2, 3], 0], 1, None, True]]], "blobs": [bytes(48)]},
    "a parameter of another shape": {"news": [[4, [[F32, [3], 0], 1, None, True]]], "blobs": [bytes(12)]},
    "a parameter made of integers": {"news": [[4, [["int64", [2], 0], 1, None, True]]], "blobs": [bytes(16)]},
    "a gradient of another shape": {"news": [[0, [None, 2, [F32, [3], 0], True]]], "blobs": [bytes(12)]},
    "a gradient of another dtype": {"news": [[0, [None, 2, ["float64", [2, 3], 0], True]]], "blobs": [bytes(48)]},
    "news of a tensor never sent": {"news": [[6, [None, 0, None, True]]]},
    "a flag that is no flag": {"news": [[0, [None, 1, None, 1]]]},
    "a mirror with the judge's number": {"mirrors": [[8, F32, [1], True]]},
    "a mirror of petabytes": {"mirrors": [[1, F32, [2**47], True]]},
    "many large mirrors": {"mirrors": [[2 * i + 1, F32, [2**26], True] for i in range(10)]},
    "a mirror whose size overflows": {"mirrors": [[1, F32, [0, 2**47, 2**47], True]]},
    "a tape of unknown leaves": {"tape": [1, [77], [[F32, [1], 0]]], "blobs": [bytes(4)]},
    "a tape without results": {"tape": [1, [0], []]},
    "a tape of integers": {"tape": [1, [0], [["int64", [1], 0]]], "blobs": [bytes(8)]},
    "an argument that was not sent": {"changes": [99]},
    "an argument before the first": {"changes": [-1]},
    "a change with a value": {"changes": [[0, ["A", "float64", [2, 2], 0, True]]], "blobs": [bytes(32)]},
    "a change of a tensor never sent": {"changes": [["V", 8]]},
    "news of a leaf of the suite's": {"news": [[0, [[F32, [2, 3], 0], 1, None, True]]], "blobs": [bytes(24)]},
    "a gradient of a leaf of the suite's": {"news": [[0, [None, 2, [F32, [2, 3], 0], True]]], "blobs": [bytes(24)]},
    "news of a computed tensor": {"news": [[2, [[F32, [2, 3], 0], 1, None, True]]], "blobs": [bytes(24)]},
    "a frozen parameter of the suite's": {"news": [[4, [None, 1, None, False]]]},
    "a leaf of the suite's as a result": {"value": ["V", 0]},
    "an argument as a result": {"value": ["@", 0]},
    "a container that is an argument": {"value": ["^", 2]},
    "results that share memory": {"value": ["M", "A", "float64", [1], 0, [8], 0, True], "blobs": [bytes(8)]},
}  # fmt: skip


@pytest.mark.parametrize("fields", LIES.values(), ids=LIES.keys())
def test_a_lie_that_does_not_fit_ends_the_guest(fields: dict[str, Any]) -> None:
    """What the suite holds keeps its shape and dtype, and nobody takes gigabytes."""
    bridge, m, held = lie(**fields)
    with pytest.raises(GuestFailure):
        m(*held.arguments())
    held.check()
    assert bridge.link.violations


def test_a_remote_exception_never_ends_the_judge() -> None:
    """Exceptions that are no `Exception` arrive as an ordinary one, and no other module is looked into."""
    names = ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "exec", "__import__", "pytest.Failed"]
    for name in names:
        failure = [[name], name, "text", [1], "", None]
        _, _, m = meet(lambda request, failure=failure: reply(request, "error", failure, [], [], None, []))
        with pytest.raises(RemoteError) as caught:
            m()
        assert isinstance(caught.value, Exception)
