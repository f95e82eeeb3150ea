"""What a suite holds stays as it was, whatever a guest answers; it is told of changes and asks for what it gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge import assert_unchanged, fresh, inout
from grader.judge.changes import changes_noted, note_change
from grader.judge.comparison import Mismatch
from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.generators import case_generator, case_torch_generator
from grader.judge.handle import Handle
from grader.wire.encoder import Encoder, Unsendable
from tests.unit.judge.puppet import JUNK, fine, meet, reply
from tests.unit.judge.test_hostile_guest import Held, full_reply, spoiled_turns

TURNS = spoiled_turns()
CASE_GENERATORS = [case_generator, case_torch_generator]


def picture(held: Held) -> list[bytes]:
    """All values that a suite holds, to the bit."""
    tensors = [held.leaf, held.computed, held.parameter, held.tensor]
    states = [repr(held.rng.bit_generator.state).encode(), held.torch_rng.get_state().numpy().tobytes()]
    grads = [repr((t.grad, t.requires_grad, t.is_leaf)).encode() for t in (held.leaf, held.parameter)]
    values = [t.detach().numpy().tobytes() for t in tensors]
    return [*values, *states, *grads, held.array.tobytes(), repr((held.items, held.mapping, held.set)).encode()]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_sequence_of_replies_changes_what_the_suite_holds(data: st.DataObject) -> None:
    """Honest replies and spoiled ones, in any order, to calls that pass everything: each value stays, to the bit."""
    structure, blobs = full_reply()
    turns = data.draw(st.lists(st.sampled_from(TURNS), min_size=1, max_size=4))
    answers = iter([*turns, *[structure] * 8])

    def answer(request: list[Any]) -> bytes:
        try:
            return reply(request, *next(answers, structure), blobs=list(blobs))
        except (OverflowError, TypeError):
            return fine(request)

    puppet, _, m = meet(answer)
    held = Held()
    before = picture(held)
    results = []
    for _ in turns:
        try:
            results.append(m(*held.arguments()))
        except (GuestFailure, RemoteError):
            break
    assert picture(held) == before
    for result in results:
        overwrite(result)
    assert picture(held) == before
    puppet.close()


def overwrite(value: Any) -> None:
    """What a suite may do with results that it was given."""
    if isinstance(value, list | tuple):
        for item in value:
            overwrite(item)
    elif isinstance(value, np.ndarray) and value.flags.writeable:
        value[...] = 7
    elif isinstance(value, torch.Tensor):
        with torch.no_grad():
            value.fill_(7)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_a_value_that_was_handed_over_must_stay_as_an_object(junk: Any) -> None:
    """Whatever else a guest says when it is given a value ends it."""
    puppet, _, m = meet(lambda request: fine(request, junk))
    if isinstance(junk, list) and junk[:2] == ["H", 0]:
        return
    with pytest.raises(GuestFailure):
        m(inout([1]))
    assert puppet.closed


def test_a_change_that_is_reported_fails_the_claim() -> None:
    """Of the argument itself, of a view of it, and of what it holds; other arguments are as they were."""
    with changes_noted():
        array, tensor, items = np.zeros((2, 3)), torch.zeros(4), [np.zeros(2)]
        other = np.zeros((2, 3))
        note_change(array[1:])
        note_change(tensor.view(2, 2))
        note_change(items[0])
        for changed in (array, array[1], tensor, items, {"a": items}, (other, array)):
            with pytest.raises(Mismatch, match="changed in place"):
                assert_unchanged(changed)
        assert_unchanged(other, torch.zeros(4), [1, "a", other], array[:1].copy())


def test_a_claim_is_about_its_own_case() -> None:
    """What an earlier case changed does not count."""
    array = np.zeros(2)
    with changes_noted():
        note_change(array)
    with changes_noted():
        assert_unchanged(array)


def test_the_guest_names_what_it_changed() -> None:
    """By the argument's number, or by the number of a tensor that autograd knows."""
    held = Held()
    encoder = Encoder()
    _, _, m = meet(lambda request: reply(request, "ok", None, [2, ["V", 0]], [], None, [], blobs=encoder.blobs))
    with changes_noted():
        m(*held.arguments())
        for changed in (held.items, held.leaf):
            with pytest.raises(Mismatch):
                assert_unchanged(changed)
        assert_unchanged(held.array, held.tensor, held.mapping, held.parameter)


@pytest.mark.parametrize("make", CASE_GENERATORS)
def test_the_cases_own_generator_never_leaves_the_judge(make: Any) -> None:
    """With it, a guest would know the inputs to come; the author is told what to pass instead."""
    puppet, _, m = meet(fine)
    for argument in (make(3), [make(3)], inout(make(3))):
        with pytest.raises(Unsendable, match="fresh"):
            m(argument)
    assert puppet.requests == []


@pytest.mark.parametrize("make", CASE_GENERATORS)
def test_a_fresh_generator_can_be_passed_and_tells_nothing(make: Any) -> None:
    """It follows from the case's, twice is two different ones, and the case's own moves on."""
    _, _, m = meet(fine)
    one, two, again = fresh(rng := make(3)), fresh(rng), fresh(make(3))
    m(one, two)

    def draw(generator: Any) -> float:
        if isinstance(generator, np.random.Generator):
            return float(generator.random())
        return float(torch.rand((), generator=generator))

    first = draw(one)
    assert first == draw(again)
    assert first not in (draw(two), draw(make(3)))


def test_a_value_is_what_it_was_given_as_until_it_is_passed() -> None:
    """Nobody has seen it yet."""
    assert inout([1, 2]).value == [1, 2]


def test_a_value_of_an_earlier_case_cannot_be_used() -> None:
    """Its object in the guest is gone."""
    handed = inout([1])
    _, _, m = meet(lambda request: fine(request, ["H", 5, "list", "", 0]))
    m(handed)
    _, _, other = meet(fine)
    assert isinstance(handed.handle(lambda value: None), Handle)
    with pytest.raises(Unsendable, match="earlier case"):
        other(handed)
