"""The contract of the handles: a program does the same with a module in a guest as with that module in this process.

A difference is a bug, or it is written down with its reason as a limit, and then a suite needs a driver for it.
"""

from __future__ import annotations

from typing import Any

import pytest

from grader.judge.failure import RemoteError
from grader.wire.encoder import Unsendable
from tests.contract import parity_authoring, parity_autograd, parity_calls, parity_errors, parity_values
from tests.contract.parity import Program, Raised, differences, outcome

COLLECTIONS = (
    parity_values.program,
    parity_calls.program,
    parity_errors.program,
    parity_autograd.program,
    parity_authoring.program,
)
PROGRAMS = [program for collection in COLLECTIONS for program in collection.programs]
LIMITS = [limit for collection in COLLECTIONS for limit in collection.limits]
# What plain pytest cannot tell apart: an author's Ctrl-C, and settings of the process that suite and candidate share.
SHARED = ("keyboard_interrupt_ends_the_process", "in_autocast", "the_documentation_is_read")
EITHER_WAY = [one for one in (*PROGRAMS, *(one for one, _ in LIMITS)) if one.__name__ not in SHARED]
REFUSED_ARRAYS = ("object", "text", "masked", "structured", "swapped", "matrix", "longdouble", "dates")
REFUSED_TENSORS = ("csr", "nested", "quantized", "meta")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_does_the_same_across_the_wire(program: Program, here: Any, there: Any) -> None:
    """Values, exceptions, changes that were asked for and gradients are those of the module in this process."""
    local, remote = outcome(program, here), outcome(program, there)
    assert list(differences(local, remote)) == []


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("program", EITHER_WAY, ids=lambda program: program.__name__)
def test_a_program_does_the_same_under_plain_pytest(program: Program, nearby: Any, there: Any) -> None:
    """A suite means the same where the guest is a box and where it is the very process of the suite."""
    local, remote = outcome(program, nearby), outcome(program, there)
    assert list(differences(local, remote)) == []


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("program", "reason"), LIMITS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_limit_is_still_one(program: Program, reason: str, here: Any, there: Any) -> None:
    """What is written down as a limit does differ; when this fails, the limit is gone and its entry should be too."""
    local, remote = outcome(program, here), outcome(program, there)
    assert list(differences(local, remote)) != [], reason


@pytest.mark.parametrize("name", REFUSED_ARRAYS)
def test_an_array_that_cannot_cross_is_refused_in_words(name: str, there: Any) -> None:
    """The candidate's side says which kind of array it was and what to return instead."""
    refusal = outcome(lambda m: m.special_array(name), there)
    assert isinstance(refusal, Raised)
    assert refusal.name == "Unsendable"
    assert "cannot cross; use" in str(refusal.error)


@pytest.mark.parametrize("name", REFUSED_TENSORS)
def test_a_tensor_that_cannot_cross_is_refused(name: str, there: Any) -> None:
    """A layout without plain values is an error of the call, and the guest lives on."""
    with pytest.raises(RemoteError):
        there.special_tensor(name)
    assert there.identity(3) == 3


def test_what_an_ending_exception_leaves_is_a_living_suite(there: Any) -> None:
    """SystemExit in candidate code is an ordinary exception to the suite, and names itself."""
    with pytest.raises(RemoteError) as caught:
        there.end_process("SystemExit", 3)
    assert (caught.value.remote_type, caught.value.args) == ("SystemExit", (3,))
    assert there.identity("still there") == "still there"


def test_a_result_that_the_suite_lets_go_is_let_go_in_the_guest(there: Any) -> None:
    """The graph of a result dies with the result, so that a long case does not fill the guest."""
    import torch

    result = there.heavy(torch.ones(2, requires_grad=True))
    alive = there.is_heavy_alive()
    del result
    there.identity(0)
    assert (alive, there.is_heavy_alive()) == (True, False)


def test_a_value_that_is_too_large_is_refused_with_its_size(there: Any) -> None:
    """A result over the caps is the candidate's error, in words, and the guest lives on."""
    for too_much in (lambda: there.nested(60), lambda: there.texts(60_000)):
        with pytest.raises(RemoteError, match=r"nested deeper|more than 50000 parts") as caught:
            too_much()
        assert caught.value.remote_type == "Unsendable"
    assert there.identity(1) == 1


def test_a_suite_that_passes_too_much_is_told_so(there: Any) -> None:
    """The candidate is not charged for a suite that is over the caps."""
    with pytest.raises(Unsendable, match="a suite passed too much"):
        there.identity([str(i) for i in range(60_000)])
    assert there.identity(1) == 1


def test_a_handle_of_an_earlier_case_finds_nothing(guests: Any) -> None:
    """After a reset a stale handle does not reach another object."""
    stale = guests.module().Bag([1])
    fresh = guests.module().Bag([2])
    with pytest.raises(RemoteError, match="earlier case"):
        stale.items  # noqa: B018
    assert fresh.items == [2]


def test_a_callback_with_a_tensor_that_requires_grad_is_refused(there: Any) -> None:
    """A wrong gradient would be worse than an error."""
    import torch

    with pytest.raises(RemoteError, match="requires grad cannot be passed to a function of the suite"):
        there.call_with(torch.sin, torch.ones(2, requires_grad=True))
