"""What `viva watch` says of two verdicts."""

from __future__ import annotations

import dataclasses

from grader.model.verdict import Status, Verdict
from grader.report.changes import MAX_NAMES, changes
from tests.fakes.verdicts import outcome, verdict


def _verdict(score: float, **cases: Status) -> Verdict:
    outcomes = tuple(outcome(id=f"hidden::{name}", status=status) for name, status in cases.items())
    return dataclasses.replace(verdict(), score=score, cases=outcomes)


def test_a_first_verdict_has_nothing_to_compare_with() -> None:
    """It says so."""
    assert changes(None, _verdict(1.0), "en") == ["first run"]


def test_the_same_outcomes_are_no_change() -> None:
    """Also when the code is another."""
    one = _verdict(1.0, test_a=Status.ACCEPTED)
    assert changes(one, one, "en") == ["no change since the last run"]


def test_what_was_mended_and_what_was_broken_is_named() -> None:
    """With the score before and after."""
    before = _verdict(1.0, test_a=Status.ACCEPTED, test_b=Status.WRONG_ANSWER)
    after = _verdict(2.0, test_a=Status.TIME_LIMIT, test_b=Status.ACCEPTED)
    assert changes(before, after, "en") == [
        "score 1 -> 2",
        "now passes: test_b",
        "no longer passes: test_a",
    ]


def test_cases_that_are_gone_no_longer_pass() -> None:
    """A submission that is rejected has no cases."""
    before = _verdict(1.0, test_a=Status.ACCEPTED)
    assert changes(before, _verdict(0.0), "en")[1:] == ["no longer passes: test_a"]


def test_many_names_are_counted() -> None:
    """The first few are named."""
    names = [f"test_{number}" for number in range(MAX_NAMES + 3)]
    before = _verdict(0.0, **dict.fromkeys(names, Status.WRONG_ANSWER))
    after = _verdict(0.0, **dict.fromkeys(names, Status.ACCEPTED))
    (line,) = changes(before, after, "en")
    assert line.endswith("… (+3)")
    assert names[MAX_NAMES] not in line
