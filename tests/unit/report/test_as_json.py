"""Verdicts as JSON documents, and back."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.api.verdict_schema import VerdictDocument
from grader.errors import UsageError
from grader.model.text import Text
from grader.model.verdict import Cause, Diagnosis, Isolation, Outcome, Resources, Status, TaskScore, Verdict
from grader.report.as_json import dumps, from_document, to_document
from grader.report.feedback import Level, redact
from tests.fakes import verdicts as fakes

WORDS = st.text(max_size=20)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)  # with lone surrogates
POINTS = st.floats(min_value=0, max_value=1e6)
MEASURES = st.floats(min_value=0, allow_infinity=False)


def texts(words: st.SearchStrategy[str]) -> st.SearchStrategy[Text]:
    """Texts in both languages."""
    return st.builds(Text, en=words, zh=words)


def outcomes(words: st.SearchStrategy[str]) -> st.SearchStrategy[Outcome]:
    """Cases that ended in any way."""
    return st.builds(
        Outcome,
        id=words,
        task=words,
        visibility=st.sampled_from(["public", "hidden"]),
        title=texts(words),
        status=st.sampled_from(Status),
        duration_ms=MEASURES,
        message=texts(words),
        output=words,
        cause=st.none() | st.builds(Cause, expected=words, actual=words, worst_index=st.none() | words),
    )


def verdicts(words: st.SearchStrategy[str]) -> st.SearchStrategy[Verdict]:
    """Verdicts whose texts are `words`."""
    return st.builds(
        Verdict,
        submission=words,
        status=st.sampled_from(Status),
        score=POINTS,
        max_score=POINTS,
        tasks=st.lists(
            st.builds(TaskScore, id=words, title=texts(words), score=POINTS, max_score=POINTS), max_size=2
        ).map(tuple),
        cases=st.lists(outcomes(words), max_size=3).map(tuple),
        diagnosis=st.lists(st.builds(Diagnosis, mutant=words, title=texts(words), advice=texts(words)), max_size=2).map(
            tuple
        ),
        resources=st.builds(Resources, wall_ms=MEASURES, cpu_ms=MEASURES, peak_rss_bytes=st.integers(min_value=0)),
        isolation=st.builds(Isolation, level=words, layers=st.lists(words, max_size=2).map(tuple)),
        device=words,
        seed=st.integers(min_value=0, max_value=2**64),
        exercise_id=words,
        exercise_version=st.integers(min_value=1, max_value=999),
        suite_digest=words,
        submission_digest=words,
        versions=st.dictionaries(words, words, max_size=2),
        integrity=st.lists(words, max_size=2).map(tuple),
        message=words,
        created=words,
    )


@given(verdicts(WORDS.filter(lambda text: "\x00" not in text)))
@settings(max_examples=100, deadline=None)
def test_round_trip(verdict: Verdict) -> None:
    """A verdict survives being written and read."""
    assert from_document(json.loads(dumps(verdict))) == verdict


@given(verdicts(ANYTHING))
@settings(max_examples=100, deadline=None)
def test_any_text_makes_one_line_of_utf8(verdict: Verdict) -> None:
    """Whatever its texts hold, a verdict is one line that encodes as UTF-8 and parses."""
    line = dumps(verdict)
    json.loads(line.encode("utf-8"))
    assert line.splitlines() == [line]


@given(verdicts(ANYTHING))
@settings(max_examples=50, deadline=None)
def test_reading_and_writing_again_changes_nothing(verdict: Verdict) -> None:
    """A document that was read and written again is the same, character by character."""
    line = dumps(verdict)
    assert dumps(from_document(json.loads(line))) == line


def test_shape_of_the_document() -> None:
    """A document has exactly the fields of the schema, in this order."""
    assert list(to_document(fakes.wrong_answer())) == [
        *("schema", "exercise", "submission", "status", "score", "max_score", "message", "tasks", "cases"),
        *("diagnosis", "resources", "isolation", "device", "seed", "suite_digest", "submission_digest"),
        *("versions", "integrity", "created"),
    ]


def test_shape_of_a_case() -> None:
    """A case tells what was expected, what came, and where it was worst."""
    assert to_document(fakes.wrong_answer())["cases"][1] == {
        "id": "public::test_example",
        "task": "masking",
        "visibility": "public",
        "status": "wrong_answer",
        "title": dict.fromkeys(("en", "zh"), "The worked example of the statement."),
        "duration_ms": 3.5,
        "message": "the value at (0, 1) is off by 0.25",
        "message_zh": "the value at (0, 1) is off by 0.25",
        "output": "",
        "call": "",
        "cause": {"expected": "0.5", "actual": "0.75", "worst_index": "(0, 1)"},
    }


def test_titles_are_in_both_languages() -> None:
    """Without a language, titles and advice are mappings."""
    assert to_document(fakes.accepted())["tasks"][0]["title"] == {"en": "Shapes and attributes", "zh": "形状与属性"}


def test_a_title_of_an_older_verdict_stands_for_both_languages() -> None:
    """There was one language before."""
    document = to_document(fakes.wrong_answer())
    document["cases"][1]["title"] = "An old title."
    assert from_document(document).cases[1].title == Text(en="An old title.", zh="An old title.")


def test_titles_in_one_language() -> None:
    """With a language, a title is that one text."""
    assert to_document(fakes.accepted(), lang="zh")["tasks"][0]["title"] == "形状与属性"


def test_chinese_is_readable() -> None:
    """Chinese is written as it is, not as escapes."""
    assert "形状与属性" in dumps(fakes.accepted())


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_null(number: float) -> None:
    """NaN and the infinities are not JSON, and become null."""
    verdict = fakes.verdict(resources=Resources(wall_ms=number))
    assert json.loads(dumps(verdict), parse_constant=pytest.fail)["resources"]["wall_ms"] is None


def test_lone_surrogates_become_visible() -> None:
    """A lone surrogate is written out, so that nothing vanishes."""
    assert to_document(fakes.verdict(submission="a\udc80.py"))["submission"] == "a\\udc80.py"


def test_a_message_of_an_older_verdict_stands_for_both_languages() -> None:
    """They were in English only."""
    document = to_document(fakes.time_limit())
    assert document["cases"][1].pop("message_zh") == "5 秒内没有答复"
    assert from_document(document).cases[1].message == Text.same("no answer within 5 s")


def test_for_a_template_a_message_is_in_its_language() -> None:
    """As titles are."""
    case = to_document(fakes.time_limit(), "zh")["cases"][1]
    assert (case["message"], "message_zh" in case) == ("5 秒内没有答复", False)


def test_a_withheld_seed_is_null() -> None:
    """What a feedback level withholds is null."""
    assert to_document(redact(fakes.accepted(), "score"))["seed"] is None


@pytest.mark.parametrize("level", ["titles", "score"])
def test_a_redacted_verdict_survives(level: Any) -> None:
    """A redacted verdict can be written and read as well."""
    verdict = redact(fakes.wrong_answer(), level)
    assert from_document(json.loads(dumps(verdict))) == verdict


def broken(document: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """`document` with `value` at `path`."""
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("schema",), "viva.verdict/2", r"verdict\.schema is 'viva.verdict/2', not one of viva.verdict/1"),
        (("status",), "perfect", r"verdict\.status is 'perfect', not one of accepted"),
        (("bonus",), 1, r"verdict has the unknown field 'bonus'"),
        (("cases", 0, "task"), None, r"verdict\.cases\[0\]\.task is not a string"),
        (("cases", 0, "visibility"), "secret", r"verdict\.cases\[0\]\.visibility is 'secret'"),
        (("cases",), {}, r"verdict\.cases is not a list"),
        (("score",), True, r"verdict\.score is not a number"),
        (("score",), math.nan, r"verdict\.score is not a finite number"),
        (("score",), None, r"verdict\.score is not a number"),
        (("score",), 10**400, r"verdict\.score is too large a number"),
        (("seed",), 1.0, r"verdict\.seed is not a whole number"),
        (("tasks", 0, "title"), "Shapes", r"verdict\.tasks\[0\]\.title is not an object"),
        (("versions", "torch"), 2, r"verdict\.versions\.torch is not a string"),
    ],
)
def test_a_broken_document_is_refused(path: tuple[str | int, ...], value: Any, complaint: str) -> None:
    """What is not a verdict is refused, with its place."""
    with pytest.raises(UsageError, match=complaint):
        from_document(broken(to_document(fakes.accepted()), path, value))


@pytest.mark.parametrize("document", [None, [], "accepted", 3])
def test_something_else_is_refused(document: Any) -> None:
    """A JSON value that is no object is refused."""
    with pytest.raises(UsageError, match="verdict is not an object"):
        from_document(document)


@pytest.mark.parametrize("name", list(to_document(fakes.accepted())))
def test_a_missing_field_is_refused(name: str) -> None:
    """No field may be left out."""
    document = to_document(fakes.accepted())
    del document[name]
    with pytest.raises(UsageError, match=f"lacks the field '{name}'"):
        from_document(document)


def test_whole_numbers_are_read_as_points() -> None:
    """Other JSON writers turn 10.0 into 10; that is the same score."""
    document = broken(to_document(fakes.accepted()), ("score",), 10)
    assert from_document(document) == replace(fakes.accepted(), score=10.0)


@given(verdicts(WORDS), st.sampled_from(["full", "titles", "score"]))
@settings(max_examples=40, deadline=None)
def test_the_api_describes_every_member(verdict: Verdict, level: Level) -> None:
    """What a platform reads in the contract is what it gets, at each feedback level: no member more, none less."""
    shown = redact(replace(verdict, created="2026-11-01T12:30:15.250+00:00"), level)
    signed = {**to_document(shown), "signature": {"algorithm": "ed25519", "key_id": "k", "value": "v"}}
    described = VerdictDocument.model_validate(signed).model_dump(by_alias=True, exclude={"created"})
    assert described == {name: value for name, value in signed.items() if name != "created"}
