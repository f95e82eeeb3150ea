"""Numbers as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.content.numbers import read_number
from grader.content.unreadable import UnreadableAnswer
from grader.model.text import NOTHING, Text

CHINESE = {"million euros": "百万欧元", "thousand users": "千用户"}


def text_of(unit: str) -> Text:
    """The unit in both languages."""
    return Text(en=unit, zh=CHINESE.get(unit, unit))


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("1e9", "", 1e9),
        ("1,000", "", 1000),
        ("12,345,678.5", "", 12345678.5),
        ("1_000", "", 1000),
        (" 3.5 GiB", "GiB", 3.5),
        ("3.5gib", "GiB", 3.5),
        ("3.5", "GiB", 3.5),
        ("1/8", "", 0.125),
        ("-1 / 8 ms", "ms", -0.125),
        (".5", "", 0.5),
        ("2^30", "B", 2**30),
        ("1 500", "", 1500),
        ("10 000 000", "", 1e7),
        ("1'500", "", 1500),
        ("3,5", "", 3.5),
        ("0,125", "", 0.125),
        ("1.500,5", "", 1500.5),
        ("1.5*10^3", "", 1500),
        ("1.5 × 10⁻³", "", 0.0015),
        ("4.5x10^-5", "", 4.5e-5),
        ("10⁶", "", 1e6),
        ("½", "", 0.5),
        ("about 12", "", 12),
        ("约 12", "", 12),
        ("7B", "", 7e9),
        ("3万", "", 3e4),
        ("4k samples", "samples", 4000),
        ("50 percent", "%", 50),
        ("12 byte", "bytes", 12),
        ("35万", "million", 0.35),
        ("3.5M", "million euros", 3.5),
        ("2 千用户", "thousand users", 2),
        ("2 百万欧元", "million euros", 2),
        ("3x", "times", 3),
        ("≈ 7", "", 7),
        ("−2", "", -2),
        ("12.5%", "", 0.125),
        ("12.5%", "%", 12.5),
        ("３．５", "", 3.5),
        ("5 tokens / s", "tokens/s", 5),
        ("+4", "", 4),
        ("1e-3/4e-3", "", 0.25),
    ],
)
def test_what_people_write(typed: str, unit: str, value: float) -> None:
    """Separators, exponents, fractions, powers, percent and units are read."""
    assert read_number(typed, text_of(unit)) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("typed", "unit", "key"),
    [
        ("", "", "quiz.unreadable.number"),
        ("many", "GiB", "quiz.unreadable.number_unit"),
        ("1,00,000", "", "quiz.unreadable.number"),
        ("1 1/2", "", "quiz.unreadable.number"),
        ("1½", "", "quiz.unreadable.number"),
        ("0x10", "", "quiz.unreadable.number"),
        ("12。5", "", "quiz.unreadable.number"),
        ("2**0.5", "", "quiz.unreadable.number"),
        ("4.5x10-5", "", "quiz.unreadable.number"),
        ("5/0 ms", "ms", "quiz.unreadable.number_unit"),
        ("1e300 * 1e300", "", "quiz.unreadable.number"),
        ("24 M", "GB", "quiz.unreadable.unit"),
        ("3.5 euros", "million euros", "quiz.unreadable.unit"),
        ("1/0", "", "quiz.unreadable.number"),
        ("9^9999", "", "quiz.unreadable.number"),
        ("1e999", "", "quiz.unreadable.number"),
        ("3 MB", "GiB", "quiz.unreadable.unit"),
        ("3 MB", "", "quiz.unreadable.no_unit"),
        ("9" * 200, "", "quiz.unreadable.number"),
        ("nan", "", "quiz.unreadable.number"),
    ],
)
def test_what_says_nothing(typed: str, unit: str, key: str) -> None:
    """Anything else is asked again, with the reason."""
    with pytest.raises(UnreadableAnswer) as caught:
        read_number(typed, text_of(unit))
    assert caught.value.key == key


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read(value: float) -> None:
    """`repr` of a float is a number, and the same one."""
    if abs(value) < 1e300:
        assert read_number(repr(value), NOTHING) == value


@given(st.text(max_size=120))
def test_no_text_breaks_it(typed: str) -> None:
    """Whatever is typed is a finite number or is refused, and nothing else happens."""
    with contextlib.suppress(UnreadableAnswer):
        assert abs(read_number(typed, Text.same("ms"))) < float("inf")
