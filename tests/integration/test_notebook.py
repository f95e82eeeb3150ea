"""The Python door: grading from a notebook or a script, and the cell magic."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import grader
from grader.errors import UsageError
from grader.model.verdict import Status

ROOT = Path(__file__).resolve().parents[2]
HALF_RIGHT = ROOT / "examples" / "f1_auc" / "half_right.py"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strict isolation needs Linux")


class Shell:
    """As much of IPython as a magic needs."""

    def __init__(self) -> None:
        self.magics: dict[tuple[str, str], Callable[[str, str], None]] = {}

    def register_magic_function(
        self, function: Callable[[str, str], None], *, magic_kind: str, magic_name: str
    ) -> None:
        """Keep it."""
        self.magics[magic_kind, magic_name] = function


@pytest.fixture
def cell() -> Callable[[str, str], None]:
    """`%%viva`, as `%load_ext grader` registers it."""
    shell = Shell()
    grader.load_ipython_extension(shell)
    return shell.magics["cell", "viva"]


def test_code_and_files_get_the_same_verdict() -> None:
    """A text and the file that holds it, on one seed, by two names of the exercise."""
    text = grader.grade("f1-auc", HALF_RIGHT.read_text(encoding="utf-8"), seed=7)
    file = grader.grade("f1_auc", HALF_RIGHT, seed=7)
    assert (text.status, text.score) == (file.status, file.score) == (Status.WRONG_ANSWER, 7)
    assert [case.status for case in text.cases] == [case.status for case in file.cases]


def test_a_cell_is_graded_and_told_in_brief(
    cell: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The first failure, and what it looks like."""
    cell("f1_auc", HALF_RIGHT.read_text(encoding="utf-8"))
    out = capsys.readouterr().out
    assert "score 7/10" in out
    assert "Behaves like: a macro average" in out


def test_a_wrong_name_is_one_sentence(cell: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback in a notebook helps nobody who mistyped."""
    cell("f1_aux", "x = 1")
    assert capsys.readouterr().err.startswith("viva: there is no exercise 'f1_aux'; did you mean `f1_auc`?")
    with pytest.raises(UsageError):
        grader.grade("f1_aux", "x = 1")


def test_nothing_else_is_there() -> None:
    """The package has no other names of its own."""
    with pytest.raises(AttributeError):
        _ = grader.no_such_thing
