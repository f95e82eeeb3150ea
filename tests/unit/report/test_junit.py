"""Verdicts as JUnit XML, seen through a parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from grader.model.verdict import Status, Verdict
from grader.report.feedback import redact
from grader.report.junit import to_xml
from tests.fakes import verdicts as fakes


def parsed(*verdicts: Verdict) -> ET.Element:
    """The root of the JUnit file for `verdicts`."""
    return ET.fromstring(to_xml(verdicts))


def test_one_suite_per_submission() -> None:
    """Every submission is a test suite of its own, under its own name."""
    names = [suite.get("name") for suite in parsed(fakes.accepted(), fakes.wrong_answer())]
    assert names == ["alice.py", "half_right.py"]


def test_one_testcase_per_case() -> None:
    """Every case is a testcase, named by its title, in a class named by exercise and task."""
    first = parsed(fakes.accepted()).findall("testsuite/testcase")[0]
    expected = ("multi_head_attention.shapes", "The output has the shape of the query.", "0.004")
    assert (first.get("classname"), first.get("name"), first.get("time")) == expected


def test_an_accepted_verdict_has_nothing_but_passes() -> None:
    """Nothing in an accepted submission looks like a failure."""
    suite = parsed(fakes.accepted())[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "0", "0", "0"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACCEPTED])
def test_element_of_a_failed_case(status: Status) -> None:
    """A wrong answer is a failure, everything else an error, typed by its status; nothing is skipped."""
    case = fakes.outcome(status=status, message="first line\nsecond line")
    testcase = parsed(fakes.verdict(status=status, cases=(case,))).findall("testsuite/testcase")[0]
    expected = "failure" if status is Status.WRONG_ANSWER else "error"
    assert [(child.tag, child.get("type"), child.get("message")) for child in testcase] == [
        (expected, status.value, "first line")
    ]


def test_cause_and_output_of_a_case() -> None:
    """What was expected, what came and what was printed are in the file."""
    testcase = parsed(fakes.wrong_answer()).findall("testsuite/testcase")[2]
    assert "expected: 0.0\nactual: nan\nworst at: (1, 2, 0)" in (testcase.findtext("failure") or "")
    assert (testcase.findtext("system-out") or "").startswith("scores: tensor")


def test_totals() -> None:
    """The root sums up its suites."""
    root = parsed(fakes.accepted(), fakes.wrong_answer(), fakes.rejected())
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "9",
        "failures": "2",
        "errors": "2",
        "skipped": "0",
    }


def test_a_rejected_submission_fails_visibly() -> None:
    """A submission without cases gets a testcase that says why."""
    error = parsed(fakes.rejected()).find("testsuite/testcase[@name='verdict']/error")
    assert error is not None
    assert (error.get("type"), error.text) == ("rejected", fakes.rejected().message)


def test_a_redacted_failure_fails_visibly() -> None:
    """Where the cases are held back, the verdict still shows as a failure."""
    suite = parsed(redact(fakes.wrong_answer(), "score"))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")


def test_a_redacted_pass_shows_as_a_pass() -> None:
    """Where the cases are held back, an accepted verdict is one passed test."""
    suite = parsed(redact(fakes.accepted(), "score"))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "0")


def test_a_failure_that_no_case_shows() -> None:
    """A verdict that failed although its cases passed does not come out green."""
    assert parsed(fakes.verdict(status=Status.JUDGE_ERROR))[0].get("errors") == "1"


def test_hostile_text_is_well_formed() -> None:
    """Control characters, lone surrogates and markup in candidate text leave the file well formed."""
    failure = parsed(fakes.hostile()).find("testsuite/testcase/failure")
    assert failure is not None
    assert "<b>&]]>" in (failure.text or "")


def test_properties() -> None:
    """What is needed to replay the verdict is among the properties."""
    found = {item.get("name"): item.get("value") for item in parsed(fakes.wrong_answer()).iter("property")}
    assert (found["status"], found["score"], found["seed"]) == ("wrong_answer", "1", "4503599627370495")
    assert found["diagnosis"] == "attention without the `1/sqrt(d_k)` scaling"


def test_timestamp_is_plain_utc() -> None:
    """The time stamp is written as JUnit's schema wants it."""
    assert parsed(fakes.accepted())[0].get("timestamp") == "2026-11-22T10:30:00"
