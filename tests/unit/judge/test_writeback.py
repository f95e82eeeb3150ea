"""Changes made in place arrive in the judge's own objects, and generators go where drawing can have taken them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import WireError
from grader.judge.twister import _STATE, advance
from grader.judge.writeback import write_back
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder


def arrive(target: Any, value: Any) -> Any:
    """`target` after a guest said that it is `value` now."""
    encoder = Encoder()
    changes = [[0, encoder.encode(value)]]
    write_back(changes, [target], Decoder([bytearray(blob) for blob in encoder.blobs]), lambda number: None)
    return target


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ([1, 2], [3]),
        ({"a": 1}, {}),
        ({1}, {2, 3}),
        (np.zeros((2, 2)), np.ones((2, 2))),
        (np.array(1.0), np.array(2.0)),
        (torch.zeros(2), torch.ones(2)),
        (torch.tensor(1), torch.tensor(5)),
    ],
    ids=["list", "dict", "set", "array", "0-d array", "tensor", "0-d tensor"],
)
def test_the_judges_own_object_is_changed(target: Any, value: Any) -> None:
    """Not replaced: whoever else holds it sees the change."""
    changed = arrive(target, value)
    assert changed is target
    assert np.array_equal(changed, value) if isinstance(value, np.ndarray | torch.Tensor) else changed == value


@pytest.mark.parametrize(
    ("target", "value"),
    [
        pytest.param([1], (1,), id="a tuple"),
        pytest.param([1], {1}, id="a set"),
        pytest.param({}, [], id="a list"),
        pytest.param(np.zeros(2), np.zeros(3), id="an array's shape"),
        pytest.param(np.zeros(2), np.zeros(2, "f4"), id="an array's dtype"),
        pytest.param(np.zeros(2), torch.zeros(2).double(), id="a tensor for an array"),
        pytest.param(torch.zeros(2), torch.zeros(1), id="a tensor's shape"),
        pytest.param(torch.zeros(2), torch.zeros(2).long(), id="a tensor's dtype"),
        pytest.param(torch.Generator(), torch.zeros(1), id="a tensor for a generator"),
        pytest.param(np.random.default_rng(1), np.random.Generator(np.random.Philox(1)), id="another kind"),
        pytest.param(np.random.default_rng(1), np.random.default_rng(2), id="another stream"),
    ],
)
def test_a_change_that_cannot_have_been_made_is_refused(target: Any, value: Any) -> None:
    """Nothing of it is taken over."""
    with pytest.raises(WireError):
        arrive(target, value)


def test_a_read_only_array_stays_as_it_is() -> None:
    """Candidate code cannot have changed it."""
    array = np.zeros(2)
    array.flags.writeable = False
    with pytest.raises(WireError):
        arrive(array, np.ones(2))
    assert array.sum() == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 1_300), st.integers(0, 3_000), st.integers(0, 3))
def test_a_torch_generator_goes_where_drawing_takes_it(seed: int, before: int, drawn: int, normals: int) -> None:
    """Across blocks, and with a normal number kept back."""
    here = torch.Generator().manual_seed(seed)
    torch.rand(before, generator=here)
    there = torch.Generator().set_state(here.get_state())
    torch.rand(drawn, generator=there)
    for _ in range(normals):
        torch.randn(1, generator=there)
    advance(here, there)
    assert torch.equal(here.get_state(), there.get_state())


@pytest.mark.parametrize("field", ["words", "left", "next"])
def test_a_made_up_state_is_answered_by_one_of_our_own(field: str) -> None:
    """The generator goes on, from a state that follows from the old one."""
    made_up = torch.Generator().manual_seed(1)
    torch.rand(5, generator=made_up)
    state = made_up.get_state()
    fields_of(state)[field] = 3
    try:
        claimed = torch.Generator().set_state(state)
    except RuntimeError:
        return  # torch itself refuses it
    results = []
    for _ in range(2):
        ours = torch.Generator().manual_seed(1)
        advance(ours, claimed)
        assert not torch.equal(ours.get_state(), state)
        results.append(torch.rand(3, generator=ours))
    assert torch.equal(*results)


def test_a_generator_does_not_go_back() -> None:
    """It would draw the same numbers again."""
    here, there = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    first = torch.rand(10, generator=here)
    advance(here, there)
    assert not torch.equal(torch.rand(10, generator=here), first)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_a_normal_number_that_cannot_be_is_not_kept(value: float) -> None:
    """A generator keeps every second normal number back; a guest could plant one."""
    there = torch.Generator().manual_seed(1)
    torch.randn(1, generator=there)
    state = there.get_state()
    fields = fields_of(state)
    fields["y"] = fields["z"] = value
    here = torch.Generator().manual_seed(1)
    advance(here, torch.Generator().set_state(state))
    assert torch.randn(100, generator=here).abs().max() < 9


def fields_of(state: torch.Tensor) -> Any:
    """The named parts of a torch generator's state."""
    return state.numpy().view(_STATE)[0]
