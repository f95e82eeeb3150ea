"""How a wrong number is wrong."""

from __future__ import annotations

import pytest

from grader.model.entry import Numeric
from grader.practice.deviation import Cause, deviation


@pytest.mark.parametrize(
    ("right", "given", "cause"),
    [
        (68, -68, Cause.SIGN),
        (68, 0.68, Cause.SHARE),
        (0.25, 25, Cause.SHARE),
        (16, 2, Cause.BITS),
        (14.9, 16, Cause.BINARY),
        (7e9, 7, Cause.PREFIX),
        (4, 0.25, Cause.INVERSE),
        (68, 60, None),
        (68, 0, None),
    ],
)
def test_a_usual_cause_is_named(right: float, given: float, cause: Cause | None) -> None:
    """A number that a slip turns into the right one says which slip; others say nothing."""
    numeric = Numeric(value=right, rtol=0.005, atol=0)
    assert deviation(numeric, given).cause is cause


@pytest.mark.parametrize(("given", "far"), [(60, False), (130, False), (140, True), (30, True), (-60, True), (0, True)])
def test_from_twice_on_it_is_far(given: float, far: bool) -> None:
    """Twice as much or half as much is told as a factor, less than that as a percentage."""
    assert deviation(Numeric(value=68, rtol=0.005, atol=0), given).is_far is far


def test_beside_zero_there_is_no_ratio() -> None:
    """Nothing is so many times zero."""
    assert deviation(Numeric(value=0, rtol=0, atol=0.1), 3).ratio is None
