"""Whose doing it is that a judge did not come to its end, and what of its verdict stays."""

from __future__ import annotations

from typing import Any

import pytest

from grader.engine.ending import settle
from grader.errors import BoxError, JudgeError
from grader.model.exercise import Limits

LIMITS = Limits(wall_s=20.0, case_wall_s=5.0)
COLLECTED = [{"id": f"hidden::test_{n}", "status": "accepted", "message": {"en": "", "zh": ""}} for n in range(3)]
for _case in COLLECTED:
    _case["duration_ms"] = 0.0  # type: ignore[assignment]
ACCOUNT = {"wall_ms": 10.0, "cpu_ms": 1.0, "peak_rss_bytes": 2, "layers": ["pid"], "integrity": [], "disturbed": False}
TOLD = {"event": "case", "outcome": {**COLLECTED[0], "duration_ms": 10.0}, **ACCOUNT}


def ended(**fields: Any) -> dict[str, Any]:
    """What a parent says of a judge that did not end by itself."""
    plain = {"late": False, "digesting": True, "lasted_s": 1.0, "out_of_memory": False, "killed": False, "status": -11}
    return {"event": "ended", **plain, **fields}


def broken(**fields: Any) -> dict[str, Any]:
    """What a judge says when it cannot go on."""
    plain = {"of_box": False, "digesting": True, "out_of_memory": False, "message": "the words"}
    return {"event": "broken", **plain, **fields}


THEIRS = {
    "stuck with an answer": (ended(late=True, killed=True), "time_limit", False),
    "out of time between answers": (ended(late=True, digesting=False), "time_limit", False),
    "ended by the kernel": (ended(killed=True, out_of_memory=True), "memory_limit", True),
    "a fault with an answer": (ended(), "runtime_error", True),
    "an exception with an answer": (broken(), "runtime_error", True),
    "no memory with an answer": (broken(out_of_memory=True), "memory_limit", True),
}
OURS = {
    "stuck in the suite": (ended(late=True, digesting=False, lasted_s=6.0), JudgeError),
    "a fault in the suite": (ended(digesting=False), JudgeError),
    "killed by somebody": (ended(killed=True), JudgeError),
    "an exception in the suite": (broken(digesting=False), JudgeError),
    "no box": (broken(of_box=True, digesting=False), BoxError),
}


@pytest.mark.parametrize(("last", "status", "again"), THEIRS.values(), ids=THEIRS)
def test_what_an_answer_did_to_a_judge_is_the_candidates(last: dict[str, Any], status: str, again: bool) -> None:
    """The cases before stay, the running one has the status, the rest say why they did not run, in both languages."""
    outcomes, account = settle([TOLD, last], COLLECTED, LIMITS)
    assert [outcome["status"] for outcome in outcomes] == ["accepted", status, status]
    assert [outcome["id"] for outcome in outcomes] == [case["id"] for case in COLLECTED]
    assert outcomes[2]["message"]["en"] == f"not run, because earlier {outcomes[1]['message']['en']}"
    assert outcomes[1]["message"]["zh"] in outcomes[2]["message"]["zh"]
    assert (account["disturbed"], account["layers"], account["mutants"]) == (again, ["pid"], [])


@pytest.mark.parametrize(("last", "kind"), OURS.values(), ids=OURS)
def test_where_no_answer_was_involved_it_is_ours(last: dict[str, Any], kind: type[Exception]) -> None:
    """Nothing is charged."""
    with pytest.raises(kind):
        settle([TOLD, last], COLLECTED, LIMITS)


@pytest.mark.parametrize("last", [*(row[0] for row in THEIRS.values()), *(row[0] for row in OURS.values())], ids=str)
def test_a_verdict_of_which_only_the_diagnosis_is_missing_is_whole(last: dict[str, Any]) -> None:
    """However the judge ended."""
    outcomes, account = settle([TOLD, TOLD, TOLD, last], COLLECTED, LIMITS)
    assert [outcome["status"] for outcome in outcomes] == ["accepted"] * 3
    assert (account["mutants"], account["disturbed"]) == ([], False)


def test_a_judge_that_ended_before_its_first_case_has_an_empty_account() -> None:
    """No layers are claimed that nobody saw."""
    outcomes, account = settle([ended(late=True)], COLLECTED, LIMITS)
    assert [outcome["status"] for outcome in outcomes] == ["time_limit"] * 3
    assert account["layers"] == []


def test_what_was_collected_is_not_changed() -> None:
    """It serves every verdict of the parent."""
    settle([ended(late=True)], COLLECTED, LIMITS)
    assert {case["status"] for case in COLLECTED} == {"accepted"}
