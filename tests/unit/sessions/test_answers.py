"""Scoring what was written in answers.yaml."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model.session import Question, Session
from grader.sessions.answers import read_number, read_written, score


def question(session: Session, kind: str) -> Question:
    return next(q for q in session.questions if q.kind == kind)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5),
        ("1e9", 1e9),
        ("1,000", 1000),
        ("1/8", 0.125),
        ("-3", -3),
        ("12.5 GiB", 12.5),
        ("12.5gib", 12.5),
        (" .5 ", 0.5),
        ("1_000", 1000),
    ],
)
def test_numbers_as_people_write_them(text: str, value: float) -> None:
    """Thousands, powers, fractions and the unit are understood."""
    assert read_number(text, "GiB") == value


@pytest.mark.parametrize("text", ["", "about 5", "5 GB", "five", "1/0", "nan", "inf", "1e999", "1/2/3", "5 5"])
def test_what_is_no_number(text: str) -> None:
    """Another unit, words, and what is not finite are not understood."""
    assert read_number(text, "GiB") is None


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes reading a number fail."""
    value = read_number(text, "ms")
    assert value is None or isinstance(value, float)


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
    """Without the file nothing is scored 0, and a note says so."""
    found = read_written(None, session)
    assert found.answers == {}
    assert [note.en for note in found.notes] == ["answers.yaml is missing"]


@pytest.mark.parametrize(
    "data",
    [b"name: [", b"\xff\xfe\x00", b"a: &x [*x]", b"!!python/object:os.system {}", b"- 1\n- 2\n", b"[" * 5000],
)
def test_a_broken_file_leaves_answers_open(session: Session, data: bytes) -> None:
    """What is not plain YAML scores nothing, harms nothing, and a note says what is wrong."""
    found = read_written(data, session)
    assert found.answers == {}
    assert "not understood" in found.notes[0].en


def test_a_name_cannot_move_the_cursor(session: Session) -> None:
    """Control characters in a name show as what they are."""
    assert read_written(b'name: "\\e[2Jx"\nanswers: {}\n', session).name == "\\x1b[2Jx"
