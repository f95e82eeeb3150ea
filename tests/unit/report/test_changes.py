"""What `viva watch` says of two verdicts."""

from __future__ import annotations

import dataclasses

from grader.model.text import Text
from grader.model.verdict import Status, Verdict
from grader.report.changes import MAX_NAMES, changes
from tests.fakes.verdicts import outcome, verdict


def _verdict(score: float, **cases: Status) -> Verdict:
    outcomes = tuple(
        outcome(id=f"hidden::{name}", status=status, title=Text(en=f"Title of {name}", zh=f"{name} 的标题"))
        for name, status in cases.items()
    )
    return dataclasses.replace(verdict(), score=score, cases=outcomes)


def test_a_first_verdict_has_nothing_to_compare_with() -> None:
    """It says so."""
    assert changes(None, _verdict(1.0), "en") == ["first run"]


def test_the_same_outcomes_are_no_change() -> None:
    """Also when the code is another."""
    one = _verdict(1.0, test_a=Status.ACCEPTED)
    assert changes(one, one, "en") == ["no change since the last run"]


def test_what_was_mended_and_what_was_broken_is_named() -> None:
    """By the titles that people know, not by names of functions; with the score before and after."""
    before = _verdict(1.0, test_a=Status.ACCEPTED, test_b=Status.WRONG_ANSWER)
    after = _verdict(2.0, test_a=Status.TIME_LIMIT, test_b=Status.ACCEPTED)
    assert changes(before, after, "en") == [
        "score 1 -> 2",
        "cases that pass now: 1",
        "  Title of test_b",
        "cases that no longer pass: 1",
        "  Title of test_a",
    ]
    assert "  test_a 的标题" in changes(before, after, "zh")


def test_cases_that_are_gone_no_longer_pass() -> None:
    """A submission that is rejected has no cases."""
    before = _verdict(1.0, test_a=Status.ACCEPTED)
    assert changes(before, _verdict(0.0), "en")[1:] == ["cases that no longer pass: 1", "  Title of test_a"]


def test_many_titles_are_counted() -> None:
    """The first few are told; one title that stands for several cases is told once."""
    names = [f"test_{number}" for number in range(MAX_NAMES + 3)]
    before = _verdict(0.0, **dict.fromkeys(names, Status.WRONG_ANSWER))
    after = _verdict(0.0, **dict.fromkeys(names, Status.ACCEPTED))
    twice = dataclasses.replace(after, cases=(*after.cases, dataclasses.replace(after.cases[0], id="hidden::again")))
    head, *lines, rest = changes(before, twice, "en")
    assert head == f"cases that pass now: {MAX_NAMES + 4}"
    assert lines == [f"  Title of {name}" for name in names[:MAX_NAMES]]
    assert rest == "  and 3 more"
