"""The interviewer's ticked rubric."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import ContentError, UsageError
from grader.model.session import Session
from grader.model.session_results import Sheet, Ticks
from grader.sessions.rubric import find_sheets, read_sheet, template

AT = "2026-11-22T10:00:00+00:00"


def sheet(of: Session, /, **fields: Any) -> dict[str, Any]:
    return {"schema": "viva.rubric/1", "session": of.code, "candidate": "Ada", "questions": {}, **fields}


def read(tmp_path: Path, document: dict[str, Any], session: Session) -> Sheet:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_sheet(path, session, AT)


def test_the_guides_form(tmp_path: Path, session: Session) -> None:
    """What the form saves is read: marks, flags, minutes, notes."""
    marks = {"criteria": {"one": 1, "two": 0.5}, "red_flags": [1], "minutes": 9.5, "note": "good"}
    found = read(tmp_path, sheet(session, interviewer="Lin", note="all in all", questions={"6": marks}), session)
    ticks = Ticks(criteria={"one": 1.0, "two": 0.5}, red_flags=(1,), minutes=9.5, note="good")
    assert found == Sheet(candidate="Ada", interviewer="Lin", at=AT, questions={6: ticks}, note="all in all")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_template_can_be_filled_in(tmp_path: Path, session: Session, lang: Any) -> None:
    """The blank YAML is valid once a name is written, and says nothing of any question."""
    path = tmp_path / "rubric.yaml"
    path.write_text(template(session, lang).replace('candidate: ""', 'candidate: "李雷"'), encoding="utf-8")
    found = read_sheet(path, session, AT)
    assert (found.candidate, found.questions) == ("李雷", {})


def test_a_filled_template(tmp_path: Path, session: Session) -> None:
    """A figure written beside a criterion counts."""
    text = template(session, "en").replace('candidate: ""', "candidate: Ada").replace("      one:  ", "      one: 1  ")
    (tmp_path / "rubric.yaml").write_text(text, encoding="utf-8")
    assert read_sheet(tmp_path / "rubric.yaml", session, AT).questions[6].criteria == {"one": 1.0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": "x"}, "schema"),
        ({"session": "ffffff"}, "it is of the session 'ffffff'"),
        ({"candidate": " "}, "candidate: nobody is named"),
        ({"questions": []}, "questions"),
        ({"questions": {"9": {}}}, "no question '9'"),
        ({"questions": {"x": {}}}, "no question 'x'"),
        ({"questions": {"6": 1}}, "questions.6: it is not a mapping"),
        ({"questions": {"6": {"marks": 1}}}, "questions.6.marks: there is no such field"),
        (
            {"questions": {"6": {"criteria": {"three": 1}}}},
            "criteria.three: there is no such criterion; write one of one",
        ),
        ({"questions": {"6": {"criteria": {"one": 2}}}}, "criteria.one: found 2"),
        ({"questions": {"6": {"criteria": {"one": "yes"}}}}, "found 'yes'"),
        ({"questions": {"6": {"red_flags": [2]}}}, "red_flags"),
        ({"questions": {"6": {"minutes": -1}}}, "minutes: found -1"),
        ({"questions": {"1": {"score": 1.5}}}, "score: found 1.5"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, session: Session, change: dict[str, Any], says: str) -> None:
    """Each mistake is told with the file, the field and what to write."""
    with pytest.raises(ContentError) as caught:
        read(tmp_path, sheet(session, **change), session)
    assert says in str(caught.value)
    assert "r.json" in str(caught.value)


def test_what_is_no_json(tmp_path: Path, session: Session) -> None:
    """A file that is not JSON is refused in a sentence."""
    (tmp_path / "r.json").write_text("{", encoding="utf-8")
    with pytest.raises(ContentError, match="save the guide's form again"):
        read_sheet(tmp_path / "r.json", session, AT)


def test_rubrics_in_a_folder(tmp_path: Path) -> None:
    """All YAML and JSON files of a folder, and nothing else."""
    for name in ("a.json", "b.yaml", "c.txt"):
        (tmp_path / name).write_text("")
    assert [path.name for path in find_sheets((tmp_path,))] == ["a.json", "b.yaml"]
    with pytest.raises(UsageError, match=r"--rubric: .* does not exist"):
        find_sheets((tmp_path / "gone",))


@pytest.mark.parametrize("given", ["lean no hire", "Lean No-Hire", "lean_no_hire", " 倾向不录用 "])
def test_a_recommendation_in_words(tmp_path: Path, session: Session, given: str) -> None:
    """In either language, however it is spaced."""
    assert read(tmp_path, sheet(session, recommendation=given), session).recommendation == "lean_no_hire"


@pytest.mark.parametrize("given", ["maybe", False, 3, ["hire"], "strong no hire"])
def test_a_recommendation_that_is_none(tmp_path: Path, session: Session, given: object) -> None:
    """What cannot be read is refused, with the words that can."""
    with pytest.raises(ContentError, match="lean hire, lean no hire, no hire"):
        read(tmp_path, sheet(session, recommendation=given), session)


def test_a_code_question_can_be_overruled(tmp_path: Path, session: Session) -> None:
    """The blank YAML has a line for it."""
    text = template(session, "en").replace('candidate: ""', "candidate: Ada")
    before, code, after = text.partition('  "5":')
    assert "overrule" in after.partition('  "6":')[0]
    (tmp_path / "rubric.yaml").write_text(
        before + code + after.replace("    score:", "    score: 0.7", 1), encoding="utf-8"
    )
    assert read_sheet(tmp_path / "rubric.yaml", session, AT).questions[5].score == 0.7
