"""How `viva check` ends: what failed stands at the end, below whatever held."""

from __future__ import annotations

import io

from grader.cli.check import _print_again
from grader.grading.proofs import Finding
from grader.report.console import Console

_FAILED = [
    Finding(claim="the stub loads and earns nothing", against=()),
    Finding(claim="accepted: solution.py", against=("seed 1, wrong_answer: shape",)),
]


def _said(failed: list[tuple[str, list[Finding]]], of: int) -> str:
    said = io.StringIO()
    _print_again(Console(file=said, highlight=False, width=80), failed, of)
    return said.getvalue()


def test_what_failed_is_said_again_at_the_end() -> None:
    """With the claim and the reason, and without the exercises and claims that hold."""
    said = _said([("gae", _FAILED)], of=59)
    assert said.strip().splitlines() == [
        "1 of 59 exercises have claims that do not hold:",
        "✗ gae: 1 of 2 claims hold",
        "  ✗ accepted: solution.py",
        "      seed 1, wrong_answer: shape",
    ]


def test_one_exercise_is_not_said_twice() -> None:
    """Its findings stand right above; and where all held there is nothing to say."""
    assert _said([("gae", _FAILED)], of=1) == ""
    assert _said([], of=59) == ""
