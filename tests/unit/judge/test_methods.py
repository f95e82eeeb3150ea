"""An attribute that the guest calls a method is looked up when it is used, and never believed to be one."""

from __future__ import annotations

from typing import Any

import pytest

from grader.errors import WireError
from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.handle import Handle, Method
from tests.unit.judge.puppet import Puppet, fine, meet, reply

_METHOD = ["L", ["H", 5, "method", "f", 1], True]
_GONE = [["AttributeError"], "AttributeError", "it has no f", ["L"], "", None]


def known(*then: Any) -> tuple[Puppet, Handle]:
    """A handle whose `f` was a method when it was first looked up; what the guest answers afterwards."""
    answers = [_METHOD, *then]

    def answer(request: list[Any]) -> bytes:
        value = answers.pop(0) if answers else None
        if value is _GONE:
            return reply(request, "error", [*_GONE[:3], None, *_GONE[4:]], [], [], None, [])
        return fine(request, value)

    puppet, _, handle = meet(answer)
    assert isinstance(handle.f, Handle)
    return puppet, handle


def asked(puppet: Puppet) -> list[tuple[str, list[Any]]]:
    """Operations and arguments of the requests after the first."""
    return [(request[1], request[3]) for request in puppet.requests[1:]]


def test_a_call_takes_one_request() -> None:
    """It names the method, which the guest looks up."""
    puppet, handle = known(7)
    assert handle.f(3) == 7
    assert asked(puppet) == [("method", ["f", 3])]


@pytest.mark.parametrize(
    "use", [len, list, str, lambda f: f.part, lambda f: f[0]], ids=["len", "list", "str", ".", "[]"]
)
def test_a_method_that_is_gone_raises_what_the_guest_raises(use: Any) -> None:
    """Once, and as an error of the candidate's."""
    puppet, handle = known(_GONE)
    with pytest.raises(AttributeError, match="it has no f") as caught:
        use(handle.f)
    assert isinstance(caught.value, RemoteError)
    assert asked(puppet) == [("getattr", ["f"])]


@pytest.mark.parametrize("value", [3, None, "text", ["L"], 1.5])
def test_a_method_that_has_become_a_value_ends_the_guest(value: Any) -> None:
    """It was called one, so nothing that is no object may come instead."""
    puppet, handle = known(["L", value, False])
    with pytest.raises(GuestFailure, match="f"):
        len(handle.f)
    assert len(puppet.requests) == 2
    assert puppet.closed


def test_a_method_can_be_passed_on() -> None:
    """It is looked up before the message in which it is named."""
    run, found = ["L", ["H", 8, "function", "run", 2], False], ["L", ["H", 9, "method", "f", 1], True]
    puppet, handle = known(run, found)
    handle.run(handle.f)
    assert asked(puppet) == [("getattr", ["run"]), ("getattr", ["f"]), ("call", [["H", 9]])]


def test_what_the_suite_sets_is_asked_for_again() -> None:
    """A value in a method's place would otherwise never be seen; neither would it that the attribute is gone."""
    _, handle = known(None, ["L", 3, False])
    handle.f = 3
    assert handle.f == 3
    _, handle = known(None, _GONE)
    del handle.f
    assert not hasattr(handle, "f")


def test_a_handle_knows_its_own_kind_of_methods_only() -> None:
    """The kind is the guest's word, and decides nothing but when an attribute is looked up."""
    _, handle = known(["L", 4, False])
    other = Handle(handle._link, 8, "Thing", "", 6)
    assert other.f == 4
    assert type(handle.f) is Method


def test_what_goes_first_goes_with_the_next_request_that_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that is over the caps is the suite's fault, and must not take the reset of the case with it."""
    puppet, bridge, handle = meet(fine)
    bridge.reset()
    bridge.seed(5)
    monkeypatch.setattr(puppet, "send", refuse)
    with pytest.raises(WireError):
        handle("x" * 10)
    monkeypatch.undo()
    handle()
    assert [request[8] for request in puppet.requests] == [[["reset", 0], ["seed", 5]]]


def refuse(*_: object) -> None:
    """What sending a frame does that is over the caps."""
    raise WireError("too large")


def test_only_the_last_seed_and_reset_are_sent() -> None:
    """What comes before them is overwritten; a case that asks for nothing leaves them to the next."""
    puppet, bridge, handle = meet(fine)
    for seed in range(100_000):
        bridge.seed(seed)
    bridge.reset()
    bridge.seed(7)
    handle()
    handle()
    assert [request[8] for request in puppet.requests] == [[["reset", 0], ["seed", 7]], []]
