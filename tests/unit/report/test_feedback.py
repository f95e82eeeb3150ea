"""What a candidate gets to see of a verdict."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from grader.model.text import NOTHING
from grader.model.verdict import Cause, Outcome, Status, Verdict
from grader.report.as_json import dumps
from grader.report.feedback import Level, redact
from grader.report.junit import to_xml
from grader.report.terminal import render_summary, render_verdict
from tests.fakes import verdicts as fakes

HIDDEN_INPUT = "7f3a9c"
LEVELS: list[Level] = ["titles", "score"]


def leaky() -> Verdict:
    """A verdict that holds a hidden input wherever a candidate's code, or a careless message, could put it."""
    details: dict[str, Any] = {
        "status": Status.WRONG_ANSWER,
        "message": HIDDEN_INPUT,
        "output": HIDDEN_INPUT,
        "cause": Cause(expected=HIDDEN_INPUT, actual=HIDDEN_INPUT, worst_index=HIDDEN_INPUT),
    }
    return fakes.verdict(
        status=Status.WRONG_ANSWER,
        seed=int(HIDDEN_INPUT, 16),
        message=HIDDEN_INPUT,
        integrity=(HIDDEN_INPUT,),
        diagnosis=(fakes.UNSCALED,),
        cases=(
            fakes.outcome(id="public::test_example", visibility="public", title="The worked example."),
            fakes.outcome(id=f"hidden::test_x[{HIDDEN_INPUT}]", title="A hidden property.", **details),
            fakes.outcome(id="public::test_late", visibility="public", title="A late example.", **details),
        ),
    )


def on_screen(verdict: Verdict) -> str:
    """Both renderings for a terminal."""
    written = io.StringIO()
    console = Console(file=written, width=100)
    render_verdict(verdict, console, "en")
    render_summary([verdict], console, "en")
    return written.getvalue()


def as_xml(verdict: Verdict) -> str:
    """The JUnit file."""
    return to_xml([verdict]).decode()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("write", [dumps, as_xml, on_screen])
def test_hidden_inputs_do_not_get_out(write: Callable[[Verdict], str], level: Level) -> None:
    """No document made from a redacted verdict holds what only hidden cases know."""
    document = write(redact(leaky(), level))
    assert HIDDEN_INPUT not in document
    assert str(int(HIDDEN_INPUT, 16)) not in document


def test_full_keeps_everything() -> None:
    """In practice nothing is held back."""
    assert redact(leaky(), "full") == leaky()


def test_titles_keeps_public_cases_whole() -> None:
    """A public case that ran before the hidden ones is shown as it is."""
    verdict = fakes.wrong_answer()
    assert redact(verdict, "titles").cases[:2] == verdict.cases[:2]


def test_titles_keeps_title_status_and_task_of_a_hidden_case() -> None:
    """Of a hidden case a candidate learns its title, how it ended and where its points are, and no more."""
    shown = redact(fakes.wrong_answer(), "titles").cases[2]
    assert shown == Outcome(
        id="hidden::1",
        task="masking",
        visibility="hidden",
        title=fakes.wrong_answer().cases[2].title,
        status=Status.WRONG_ANSWER,
        duration_ms=-1,
    )


def test_a_public_case_after_a_hidden_one_loses_its_details() -> None:
    """Code that has seen hidden inputs could print them in a public case."""
    late = redact(leaky(), "titles").cases[2]
    assert (late.id, late.message, late.output, late.cause) == ("public::test_late", NOTHING, "", None)


@pytest.mark.parametrize("level", LEVELS)
def test_durations_of_hidden_cases_are_held_back(level: Level) -> None:
    """The time that hidden cases take is the candidate's to choose, and could carry a number out."""
    cases = redact(fakes.accepted(), level).cases
    assert all(case.duration_ms == -1 for case in cases if case.visibility == "hidden")


@pytest.mark.parametrize("level", LEVELS)
def test_resources_are_held_back(level: Level) -> None:
    """So could memory and time as a whole."""
    used = redact(fakes.accepted(), level).resources
    assert (used.wall_ms, used.cpu_ms, used.peak_rss_bytes) == (-1, -1, -1)


@pytest.mark.parametrize("level", LEVELS)
def test_diagnosis_is_only_for_practice(level: Level) -> None:
    """A named mistake would tell what the hidden suite looks for."""
    assert redact(fakes.wrong_answer(), level).diagnosis == ()


@pytest.mark.parametrize("level", LEVELS)
def test_scores_are_kept(level: Level) -> None:
    """Every level shows the status and the points of each task."""
    verdict, shown = fakes.wrong_answer(), redact(fakes.wrong_answer(), level)
    assert (shown.status, shown.score, shown.tasks) == (verdict.status, verdict.score, verdict.tasks)


def test_score_counts_cases() -> None:
    """At `score` no case is left, only how many passed."""
    shown = redact(fakes.wrong_answer(), "score")
    assert (shown.cases, shown.message) == ((), "Cases passed: 1 of 4.")


def test_score_counts_cases_in_chinese() -> None:
    """That sentence exists in both languages."""
    assert redact(fakes.wrong_answer(), "score", "zh").message == "通过的用例：1/4。"


@pytest.mark.parametrize("level", LEVELS)
def test_a_rejected_candidate_is_told_why(level: Level) -> None:
    """Why a file was not run at all is about that file, and is shown."""
    assert redact(fakes.rejected(), level).message == fakes.rejected().message


@pytest.mark.parametrize("level", LEVELS)
def test_our_failures_are_not_explained_to_candidates(level: Level) -> None:
    """The message of a judge error is for those who run the grader."""
    assert redact(fakes.judge_error(), level).message == ""


@pytest.mark.parametrize("level", LEVELS)
def test_the_time_of_a_verdict_is_told_to_the_minute(level: Level) -> None:
    """Code that knows when it began could sleep for as many milliseconds as the number that is to be learnt."""
    verdict = fakes.verdict(created="2026-11-30T10:21:43.846+00:00")
    assert redact(verdict, level).created == "2026-11-30T10:21:00+00:00"
    assert redact(verdict, "full").created == "2026-11-30T10:21:43.846+00:00"
