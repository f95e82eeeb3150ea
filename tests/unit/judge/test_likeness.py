"""Which mutants explain how a submission failed: the one, the two, the nearest, or none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.judge.comparison import Observation, Observations, Rule, tolerances
from grader.judge.likeness import UNLIKE, Beside, Case, compare, names, set_beside
from grader.judge.run import CaseRecord
from grader.model.exercise import Tolerance
from grader.model.text import Text
from grader.model.verdict import Cause, Outcome, Status

RULE = Rule(1e-6, 0.0, True)


def record(status: Status = Status.WRONG_ANSWER, value: object = None, message: str = "") -> CaseRecord:
    """A case that ended so, after it compared `value`."""
    observations = Observations()
    if value is not None:
        observations.note(value, RULE)
    outcome = Outcome(
        id="hidden::test_x", task="t", visibility="hidden", title=Text.same("x"), status=status, duration_ms=1.0,
        message=Text.same(message),
    )  # fmt: skip
    return CaseRecord(outcome=outcome, observations=observations)


PASSED = record(Status.ACCEPTED)


def beside(letters: str) -> Beside:
    """Letters of the cases that the submission fails; `!` where its own task agrees, `+` where it fails no other."""
    cases = tuple(Case(letter) for letter in letters.rstrip("!+"))
    return Beside(cases, within="+" in letters, whole_task="!" in letters)


@pytest.mark.parametrize(
    ("submission", "mutant", "case"),
    [
        (record(value=1.0), PASSED, Case.PASSES),
        (record(value=1.0), record(value=1.0 + 1e-9), Case.VALUES),
        (record(value=1.0), record(value=1.1), Case.DIFFERS),
        (record(value=np.ones(3)), record(value=np.ones(4)), Case.DIFFERS),
        (record(message="off by 3.5"), record(message="off by 7"), Case.WORDS),
        (record(message="nan was accepted"), record(message="inf was accepted"), Case.DIFFERS),
        (record(value=1.0, message="off by 2"), record(value=1.0, message="off by 3"), Case.VALUES),
        (record(value=1.0, message="a was accepted"), record(value=1.0, message="b was accepted"), Case.DIFFERS),
        (record(Status.RUNTIME_ERROR, message="KeyError: a"), record(Status.RUNTIME_ERROR, message="KeyError: x"),
         Case.WORDS),
        (record(Status.RUNTIME_ERROR, 1.0, "KeyError: x"), record(Status.RUNTIME_ERROR, 1.0, "OSError: x"),
         Case.DIFFERS),
        (record(message="off"), record(message="elsewhere"), Case.DIFFERS),
        (record(Status.RUNTIME_ERROR, message="KeyError: 3"), record(Status.RUNTIME_ERROR, message="KeyError: 5"),
         Case.VALUES),
        (record(Status.TIME_LIMIT), record(Status.TIME_LIMIT), Case.VALUES),
        (record(Status.TIME_LIMIT), record(Status.RUNTIME_ERROR), Case.DIFFERS),
    ],
)  # fmt: skip
def test_one_case(submission: CaseRecord, mutant: CaseRecord, case: Case) -> None:
    """By values within the comparison's tolerance, else by words without figures."""
    assert compare(submission, mutant) is case


def failing(value: object, cause: Cause | None) -> CaseRecord:
    """A case whose last comparison failed for that cause."""
    one = record(value=value)
    return replace(one, outcome=replace(one.outcome, cause=cause))


@pytest.mark.parametrize(
    ("ours", "theirs", "case"),
    [
        (Cause(expected="float32", actual="float64"), Cause(expected="float32", actual="float64"), Case.WORDS),
        (Cause(expected="float32", actual="float64"), Cause(expected="float32", actual="int64"), Case.DIFFERS),
        (Cause(expected="3", actual="4"), Cause(expected="3", actual="4"), Case.DIFFERS),
        (Cause(expected="(3,)", actual="(4,)"), Cause(expected="(3,)", actual="(4,)"), Case.DIFFERS),
        (Cause(expected="1.0", actual="nan"), Cause(expected="1.0", actual="nan"), Case.DIFFERS),
        (None, None, Case.DIFFERS),
    ],
)
def test_a_wrong_property_reads_alike_whatever_the_values(ours: Cause | None, theirs: Cause | None, case: Case) -> None:
    """Two results of a wrong dtype need not hold the same; figures that print alike may be of different mistakes."""
    assert compare(failing(1.0, ours), failing(1.1, theirs)) is case


def test_two_mistakes_may_differ_by_what_the_suite_allowed() -> None:
    """The manifest's tolerance holds where they are set beside each other, too."""
    one, other = (record(value=np.float64(value)) for value in (1.0, 1.00001))
    for case in (one, other):
        case.observations[:] = [Observation(case.observations[0].value, Rule(None, None, True))]
    assert compare(one, other) is Case.DIFFERS
    with tolerances({"float64": Tolerance(rtol=1e-3, atol=0.0)}):
        assert compare(one, other) is Case.VALUES


@pytest.mark.parametrize(("ours", "theirs", "case"), [(2.0, 2.1, Case.FIGURE), (2.0, 2.0, Case.VALUES)])
def test_a_figure_from_draws_is_weak_evidence(ours: float, theirs: float, case: Case) -> None:
    """Two estimates that are only about the same may come from two mistakes."""
    one, other = (failing(value, Cause(expected="4.0", actual=str(value))) for value in (ours, theirs))
    for run in (one, other):
        run.observations[:] = [Observation(run.observations[0].value, Rule(0.0, 0.5, True))]
    assert compare(one, other) is case


def test_what_could_not_be_kept_agrees_with_nothing() -> None:
    """A case that compared too much is no evidence."""
    forgotten = record(value=1.0)
    forgotten.observations.forget()
    assert compare(forgotten, forgotten) is Case.DIFFERS


@pytest.mark.parametrize(
    ("mutants", "expected"),
    [
        ({"a": "vv+", "b": "vd+"}, [("a", "behaves_like")]),
        ({"a": "vw+"}, [("a", "behaves_like")]),
        ({"a": "f+"}, []),
        ({"a": "f+", "b": "v+"}, [("b", "behaves_like")]),
        ({"a": "ff+"}, [("a", "behaves_like")]),
        ({"a": "fp+"}, []),
        ({"a": "vw+", "b": "vv+"}, [("b", "behaves_like")]),
        ({"a": "ww+", "b": "ww+"}, []),
        ({"a": "vv+", "b": "vv+"}, [("a", "behaves_like"), ("b", "behaves_like")]),
        ({"a": "vv", "b": "dd+"}, []),
        ({"a": "vp+", "b": "pv+"}, [("a", "behaves_like"), ("b", "behaves_like")]),
        ({"a": "vdp+", "b": "pdv+"}, [("a", "behaves_like"), ("b", "behaves_like")]),
        ({"a": "vp+", "b": "pv"}, [("a", "looks_most_like")]),
        ({"a": "vp+", "b": "pd+"}, [("a", "looks_most_like")]),
        ({"a": "vp+", "b": "pw+"}, [("a", "looks_most_like")]),
        ({"a": "vpp+", "b": "vvp+"}, [("b", "looks_most_like")]),
        ({"a": "vpp!+"}, []),
        ({"a": "vvv"}, [("a", "looks_most_like")]),
        ({"a": "vvv", "b": "vvv"}, []),
        ({"a": "vvd"}, []),
        ({"a": "vp+", "b": "vp+"}, []),
        ({"a": "vdp+"}, []),
        ({"a": "wp+"}, []),
        ({"a": "vdp!+", "b": "dvp+"}, [("a", "looks_most_like")]),
        ({"a": "vdp!+", "b": "vdp!+"}, []),
        ({"a": "vdp!"}, []),
        ({"a": "dd+", "b": "pp+"}, []),
        ({"a": "dv+", "a[2]": "vv+", "a[3]": "vv+"}, [("a", "behaves_like")]),
        ({"a": "ww+", "a[2]": "ww+"}, [("a", "behaves_like")]),
        ({"a": "vp+", "a[2]": "pv+"}, [("a", "looks_most_like")]),
        ({"a": "vp+", "a[2]": "dp+", "b": "pv+", "b[2]": "pv+"}, [("a", "behaves_like"), ("b", "behaves_like")]),
        ({"a": "vpp+", "b": "pvp+", "c": "ppv+"}, []),
        ({"a": "vvv", "b": "vvv+"}, [("b", "behaves_like")]),
        ({}, []),
    ],
)
def test_names(mutants: dict[str, str], expected: list[tuple[str, str]]) -> None:
    """v: same values, f: about the same figure, w: same words, d: fails otherwise, p: passes; + fails no other case."""
    assert names({name: beside(letters) for name, letters in mutants.items()}) == expected


def test_records_are_set_beside_each_other() -> None:
    """Cases that the submission passes tell whether the mutant fails elsewhere."""
    assert set_beside([record(value=1.0), PASSED], [record(value=1.0), PASSED], "t") == beside("v!+")
    assert set_beside([record(value=1.0), PASSED], [record(value=1.0), record(value=2.0)], "t") == beside("v!")
    assert set_beside([record(value=1.0)] * 2, [record(value=1.0), record(value=2.0)], "t") == beside("vd+")


def test_agreement_outside_its_own_task_is_chance() -> None:
    """A mutant belongs to the task that it breaks."""
    assert set_beside([record(value=1.0)], [record(value=1.0)], "another") == UNLIKE


def test_a_case_that_was_not_run_tells_nothing() -> None:
    """A mutant that is late where the submission was is named, whatever it does in the cases that were skipped."""
    late, skipped = record(Status.TIME_LIMIT), replace(record(Status.TIME_LIMIT), was_run=False)
    assert set_beside([late, skipped], [late, PASSED], "t").is_alike
    assert set_beside([skipped], [record(Status.TIME_LIMIT)], "t") == UNLIKE
