"""What a guest says of the place of its results, and what a case makes of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
import torch

from grader.errors import WireError
from grader.judge.comparison import Mismatch
from grader.judge.failure import GuestFailure
from grader.judge.handle import Bridge
from grader.judge.loopback import Loopback
from grader.judge.places import note_elsewhere, results_stay
from grader.judge.stand_in import placement
from grader.wire.frame import Caps
from tests.unit.judge.puppet import Puppet
from tests.unit.wire.frames import raw_frame

SOURCE = "def cpu(x): return x.cpu()\ndef same(x): return x\ndef pair(x): return [x, {'a': x.cpu()}]\n"


def module() -> Any:
    """Its tensors live on the stand-in."""
    return Loopback(placement=placement()).load("solution", SOURCE, "solution.py")


@pytest.mark.parametrize("name", ["cpu", "pair"])
def test_a_case_that_asks_for_it_fails_for_a_result_on_the_cpu(name: str) -> None:
    """Wherever in the result it is."""
    with results_stay(True), pytest.raises(Mismatch, match="the result is on the CPU"):
        getattr(module(), name)(torch.ones(2))


def test_a_case_that_does_not_ask_takes_it() -> None:
    """Statements that promise nothing of devices grade nothing of them."""
    with results_stay(False):
        assert torch.equal(module().cpu(torch.ones(2)), torch.ones(2))


def test_a_result_where_the_inputs_are_is_taken() -> None:
    """That is what is asked for."""
    with results_stay(True):
        assert torch.equal(module().same(torch.ones(2)), torch.ones(2))


def test_on_the_cpu_nothing_is_asked() -> None:
    """The mark of a case means nothing where there is one device."""
    here = Loopback().load("solution", SOURCE, "solution.py")
    with results_stay(True):
        assert torch.equal(here.cpu(torch.ones(2)), torch.ones(2))


@pytest.mark.parametrize("count", [-1, True, 1.0, None, "1", [1], 2**70 * -1])
def test_what_is_no_count_breaks_the_rules(count: object) -> None:
    """A guest says a number of tensors, and nothing else."""
    with results_stay(True), pytest.raises(WireError, match="place of a result is malformed"):
        note_elsewhere(count)


def answered(extra: list[Any], *, on_device: bool) -> Any:
    """What the judge makes of an answer with these parts after the seven."""

    def answer(request: list[Any]) -> bytes:
        return raw_frame([request[0], "ok", 3, [], [], None, [], *extra])

    bridge = Bridge(Puppet(answer), Caps(), on_device=on_device)
    bridge.link.deadline = time.monotonic() + 5.0
    return bridge.link.request("call", 0)


def test_a_guest_on_the_cpu_may_not_speak_of_places() -> None:
    """Its answers have seven parts, as ever."""
    assert answered([], on_device=False) == 3
    with pytest.raises(GuestFailure):
        answered([0], on_device=False)


@pytest.mark.parametrize("extra", [[], [0, 0], ["x"], [-1], [None]])
def test_a_guest_on_a_device_says_one_count(extra: list[Any]) -> None:
    """One that says none, two, or something else has broken the rules, and is ended."""
    assert answered([0], on_device=True) == 3
    with pytest.raises(GuestFailure):
        answered(extra, on_device=True)
