"""Scoring what was written in answers.yaml."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model.entry import Numeric
from grader.model.session import Question, Session
from grader.model.text import Text
from grader.sessions.answers import read_written, score


def question(session: Session, kind: str) -> Question:
    return next(q for q in session.questions if q.kind == kind)


@pytest.mark.parametrize(
    "text",
    [
        "12.5",
        "12,5",
        "12，5",
        "１２．５",
        "12.5 GiB",
        "12.5gib",
        "约 12.5 GiB",
        "答案：12.5",
        "25/2",
        "1.25e1",
        "“12.5”",
    ],
)
def test_a_right_number_is_right_however_it_is_written(session: Session, text: str) -> None:
    """A decimal comma, full-width figures, words around it, the unit: all of it is read, as in the quiz."""
    assert score(question(session, "numeric"), text).score == 1.0


@pytest.mark.parametrize("text", ["about 5 or 6", "12.5 GB", "five", "1/0", "nan", "1/2//3", "5 5", "12。5"])
def test_what_is_no_number_is_for_a_person(session: Session, text: str) -> None:
    """Another unit, words, and what is not finite have no score, and never 0."""
    assert score(question(session, "numeric"), text).score is None


@pytest.mark.parametrize("text", ["3.75倍", "3,75", "３．７５倍", "约3.75x"])
def test_a_ratio_may_be_written_as_times(session: Session, text: str) -> None:
    """`3.75倍` is 3.75, also where no unit is asked for."""
    for unit in ("", "times", "x"):
        asks = Numeric(value=3.75, rtol=0.01, atol=0, unit=Text.same(unit))
        asked = replace(question(session, "numeric"), numeric=asks)
        assert score(asked, text).score == 1.0


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(3.75, "", "3,750"), (1500.0, "", "1.500"), (25.0, "%", "0.25"), (25.0, "%", "0,25")]
)
def test_what_can_be_read_in_two_ways_is_for_a_person(session: Session, value: float, unit: str, text: str) -> None:
    """Where a comma may be a decimal one, or a share may be meant in percent, a wrong number is not simply wrong."""
    asked = replace(question(session, "numeric"), numeric=Numeric(value=value, rtol=0.01, atol=0, unit=Text.same(unit)))
    assert score(asked, text).score is None


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_or_left_open(text: str) -> None:
    """No text makes scoring a number fail."""
    asked = Question(
        number=1, entry="e", revision=1, digest="d", kind="numeric", topics=(), level="mid", difficulty=5, minutes=5,
        title=Text(en="", zh=""), prompt=Text(en="", zh=""), answer=Text(en="", zh=""),
        numeric=Numeric(value=3.0, rtol=0.01, atol=0, unit=Text.same("ms")),
    )  # fmt: skip
    assert score(asked, text).score in (None, 0.0, 1.0)


@pytest.mark.parametrize(("text", "earned"), [("12.5", 1.0), ("12.6 GiB", 1.0), ("13", 0.0), ("12.5 GB", None)])
def test_a_number(session: Session, text: str, earned: float | None) -> None:
    """Right within the tolerance; another unit is for a person to look at."""
    assert score(question(session, "numeric"), text).score == earned


def test_one_choice(session: Session) -> None:
    """The right label scores 1, a wrong one 0; two labels hedge and score 0; other text needs a person."""
    asked = question(session, "choice")
    right = asked.right_labels
    wrong = next(option.label for option in asked.options if not option.correct)
    assert [score(asked, text).score for text in (right, f" {right.lower()}) ", wrong)] == [1.0, 1.0, 0.0]
    assert score(asked, right + wrong).score == 0.0
    assert score(asked, f"{right} or {wrong}").score is None
    assert score(asked, "Z").score is None


@pytest.mark.parametrize("form", ["选{}", "{}。", "（{}）", "答案：{}", "Answer: {}", "选项 {}", "“{}”", "{} "])
def test_a_letter_however_it_is_written(session: Session, form: str) -> None:
    """Words and signs around a letter, and full-width letters, are read."""
    asked = question(session, "choice")
    wide = chr(ord(asked.right_labels) + 0xFEE0)
    assert [score(asked, form.format(label)).score for label in (asked.right_labels, wide)] == [1.0, 1.0]


@pytest.mark.parametrize("sign", ["→", " -> ", "、", "，", " > ", "和", " then "])
def test_an_order_however_it_is_written(session: Session, sign: str) -> None:
    """Arrows and words between letters are read."""
    asked = question(session, "order")
    assert score(asked, sign.join(asked.right_labels.split())).score == 1.0


def test_several_choices(session: Session) -> None:
    """Right picks less wrong ones, as a share of the right ones."""
    asked = question(session, "multi")
    right = [option.label for option in asked.options if option.correct]
    wrong = [option.label for option in asked.options if not option.correct]
    assert score(asked, ", ".join(right)).score == 1.0
    assert score(asked, right[0]).score == 0.5
    assert score(asked, right[0] + wrong[0]).score == 0.0
    assert score(asked, "ABCD").score == 0.0


def test_an_order(session: Session) -> None:
    """The right order scores 1, its reverse 0, one swap something between; a part of it is not understood."""
    asked = question(session, "order")
    right = asked.right_labels.split()
    swapped = [right[1], right[0], *right[2:]]
    assert score(asked, " ".join(right)).score == 1.0
    assert score(asked, "".join(reversed(right))).score == 0.0
    assert score(asked, " ".join(swapped)).score == pytest.approx(2 / 3)
    assert score(asked, " ".join(right[:3])).score is None


def test_nothing_written_scores_nothing(session: Session) -> None:
    """A blank is an answer: none."""
    assert score(question(session, "choice"), "  ").score == 0.0


def test_the_whole_file(session: Session) -> None:
    """Name, code, answers and minutes are read; coding and talk have no place in it."""
    right = question(session, "choice").right_labels
    text = f'session: "{session.code}"\nname: " Ada   Okafor "\nanswers: {{"1": {right}, "3": 12.5}}\n'
    text += 'minutes: {"1": 2.5, "3": x}\n'
    found = read_written(text.encode(), session)
    assert (found.name, found.session) == ("Ada Okafor", session.code)
    assert {number: answer.score for number, answer in found.answers.items()} == {1: 1.0, 2: 0.0, 3: 1.0, 4: 0.0}
    assert found.minutes == {1: 2.5}


def test_a_missing_file_leaves_answers_open(session: Session) -> None:
    """Without the file nothing is scored, and a note says so."""
    found = read_written(None, session)
    assert {answer.score for answer in found.answers.values()} == {None}
    assert [note.en.partition(":")[0] for note in found.notes] == ["answers.yaml is missing"]


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-8-sig", "utf-16"])
def test_a_file_of_another_encoding_is_read(session: Session, encoding: str) -> None:
    """What a Chinese Windows, or its Notepad, writes is read, name and all."""
    right = question(session, "choice").right_labels
    text = f'name: "张伟"\nanswers:\n  "1": "选{right}"\n  "2": ""\n  "3": "12,5"\n  "4": ""\n'
    found = read_written(text.encode(encoding), session)
    assert (found.name, found.answers[1].score, found.answers[3].score) == ("张伟", 1.0, 1.0)
    assert found.notes == ()


@pytest.mark.parametrize("answers", ["answers: [A, B, C, D]", "answers: ABCD", "Answers: {1: A}", "1: A"])
def test_answers_that_are_no_mapping_are_left_open(session: Session, answers: str) -> None:
    """Answers without their numbers are not taken for blanks; the name is still read."""
    found = read_written(f"name: Ada\n{answers}\n".encode(), session)
    assert {answer.score for answer in found.answers.values()} == {None}
    assert (found.name, len(found.notes)) == ("Ada", 1)


def test_keys_as_people_write_them(session: Session) -> None:
    """`Q1`, `第3题` and full-width figures name a question."""
    right = question(session, "choice").right_labels
    found = read_written(f'answers: {{Q1: {right}, "第3题": 12.5, "０２": "", "4.": ""}}'.encode(), session)
    assert (found.answers[1].score, found.answers[3].score, found.notes) == (1.0, 1.0, ())


def test_wrong_keys_are_said(session: Session) -> None:
    """A key that is no question, one of a question answered elsewhere, and a field that is none are named."""
    found = read_written(b'answer: x\nanswers: {1: "", 2: "", 3: "", 4: "", 5: "def f()", 9: B, 8: ""}', session)
    (note,) = found.notes
    assert "`answer`, `answers.5`, `answers.9`;" in note.en
    assert "`answers.9`；" in note.zh


def test_a_question_without_a_line_is_told(session: Session) -> None:
    """What was deleted counts as blank, and a note says so; a line that is there twice is for a person."""
    found = read_written(b'answers: {1: A, Q1: B, 2: "", 3: {x: y}}', session)
    assert {number: answer.score for number, answer in found.answers.items()} == {1: None, 2: 0.0, 3: None, 4: 0.0}
    assert [note.en[:45] for note in found.notes] == [
        "answers.yaml has no line for these questions,",
        "the answer to question 1 is not understood; l",
        "the answer to question 3 is not understood; l",
    ]


@pytest.mark.parametrize(
    "data",
    [b"name: [", b"\xff\xfe\x00", b"a: &x [*x]", b"!!python/object:os.system {}", b"- 1\n- 2\n", b"[" * 5000],
)
def test_a_broken_file_leaves_answers_open(session: Session, data: bytes) -> None:
    """What is not plain YAML scores nothing, harms nothing, and a note says what is wrong."""
    found = read_written(data, session)
    assert {answer.score for answer in found.answers.values()} == {None}
    assert "not understood" in found.notes[0].en


def test_a_name_cannot_move_the_cursor(session: Session) -> None:
    """Control characters in a name show as what they are."""
    assert read_written(b'name: "\\e[2Jx"\nanswers: {}\n', session).name == "\\x1b[2Jx"
