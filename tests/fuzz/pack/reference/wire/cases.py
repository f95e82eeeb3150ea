"""What suites do with a candidate: the kinds of use that a guest can answer to. Each passes on the reference."""

import numpy as np
import pytest
import torch

from grader.judge import assert_close


@pytest.mark.task("a")
def test_values(candidate, reference, rng):
    """Numbers, arrays, containers and texts are compared."""
    values = rng.normal(size=6)
    assert_close(candidate.mean(values), reference.mean(values))
    assert_close(candidate.scaled(values), reference.scaled(values))
    assert_close(candidate.table(3), reference.table(3))
    assert isinstance(candidate.mean(values), float), f"got {candidate.mean(values)!r}"


@pytest.mark.task("a")
def test_errors(candidate):
    """Exceptions are expected, matched and looked into."""
    with pytest.raises(ValueError, match="empty") as caught:
        candidate.mean([])
    assert caught.value.args == ("values must not be empty",), str(caught.value)
    with pytest.raises(ExceptionGroup) as group:
        candidate.several(2)
    matched, rest = group.value.split(ValueError)
    assert len(matched.exceptions) == 2, str(group.value)
    assert rest is None, repr(rest)


@pytest.mark.task("a")
def test_what_is_done_with_results(candidate):
    """Rows are made unique, sorted, counted and put together with others."""
    found = candidate.table(4)
    rows = {tuple(row) for row in found["rows"]}
    assert len(rows) == 4, f"found {rows}"
    assert sorted(found["names"]) == ["a", "b"], str(found)
    assert np.concatenate([candidate.scaled([1, 2]), np.zeros(2)]).sum() == 6, "sums differ"
    assert {**found, "more": 1}.keys() >= {"rows", "shape"}, "keys differ"


@pytest.mark.task("a")
def test_objects(candidate):
    """Objects are called, measured, indexed, iterated and entered; attributes are read and set."""
    model = candidate.Model(2.0)
    assert len(model) == 3, "length"
    assert_close(model[1], 2.0)
    assert list(model.count()) == [0, 1, 2, 3], "count"
    with model as entered:
        assert_close(entered[0], 1.0)
    model.note = "text"
    assert model.note == "text", "attribute"


@pytest.mark.task("b")
def test_state_there_and_back(candidate):
    """What was answered is passed on."""
    first, second = candidate.Model(2.0), candidate.Model(3.0)
    state = first.state()
    second.load(state)
    second.load({"weight": state["weight"], "kept": [state]})
    assert_close(second.state()["weight"], torch.full((3,), 2.0))


@pytest.mark.task("b")
def test_callbacks(candidate):
    """Functions of the suite are called with what the candidate passes."""
    seen = []

    def function(value):
        seen.append(value)
        if value is None:
            raise KeyError(value)
        return {"value": value, "half": value / 2}

    assert_close(candidate.apply(function, 4.0), {"value": 4.0, "half": 2.0})
    assert seen == [4.0], f"seen {seen}"


@pytest.mark.task("b")
def test_gradients(candidate):
    """Gradients of arguments and parameters, and gradients of gradients."""
    model, x = candidate.Model(2.0), torch.ones(3, requires_grad=True)
    (grad,) = torch.autograd.grad(model(x), x, create_graph=True)
    assert_close(grad.detach(), torch.full((3,), 2.0))
    model(x).backward()
    assert_close(x.grad, torch.full((3,), 2.0))
    assert_close(model.weight.grad, torch.ones(3))


@pytest.mark.task("b")
def test_arguments_are_left_alone(candidate):
    """Arrays, lists and dicts are as they were."""
    values, options = np.arange(3.0), {"a": [1, 2]}
    candidate.scaled(values)
    candidate.apply(lambda value: value, 1.0)
    assert_close(values, np.arange(3.0))
    assert options == {"a": [1, 2]}, "options"
