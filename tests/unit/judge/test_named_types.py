"""What stays in the guest is named as the candidate knows it, and not by a class of ours."""

from __future__ import annotations

import pytest

from grader.judge import assert_close
from grader.judge.comparison import Mismatch
from grader.judge.loopback import Loopback
from grader.judge.printing import type_name

SOURCE = """
from decimal import Decimal
from fractions import Fraction

class Score:
    pass

Odd = type("\\x1b[31m" + "x" * 500, (), {})
results = {"fraction": Fraction(2, 3), "decimal": Decimal("0.5"), "own": Score(), "function": len, "odd": Odd()}

def result(name):
    return results[name]
"""
NAMES = {"fraction": "Fraction", "decimal": "Decimal", "own": "Score", "function": "builtin_function_or_method"}


@pytest.mark.parametrize("name", NAMES)
def test_a_mismatch_names_the_type_of_the_candidate(name: str) -> None:
    """A fraction is a Fraction, in both languages and in the cause."""
    solution = Loopback().load("solution", SOURCE, "solution.py")
    with pytest.raises(Mismatch) as caught:
        assert_close(solution.result(name), 0.5)
    assert caught.value.message.en == f"the result is of type {NAMES[name]} instead of float"
    assert f"的类型是 {NAMES[name]}，" in caught.value.message.zh
    assert caught.value.cause.actual == NAMES[name]


def test_a_name_moves_no_cursor_and_fills_no_screen() -> None:
    """It is the candidate's."""
    solution = Loopback().load("solution", SOURCE, "solution.py")
    named = type_name(solution.result("odd"))
    assert len(named) <= 60
    assert named.isascii()
    assert "\x1b" not in named
