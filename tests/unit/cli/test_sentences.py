"""Sentences on a terminal, and in a pipe."""

from __future__ import annotations

import io
import sys

import pytest

from grader.cli.ending import complain
from grader.cli.sentences import tell, tell_aside
from grader.report.catalogue import say

LONG_PATH = "/home/ada/" + "a_folder_of_hers/" * 8 + "solution.py"
SENTENCES = (
    say("engine.stopped", "en"),
    say("start.done", "en", folder="f1_auc"),
    say("reset.done", "en", file=LONG_PATH, kept="solution.1.py"),
    say("grade.others.several", "en", names=", ".join(f"person_{number}" for number in range(40))),
    f"{LONG_PATH} cannot be read (Permission denied); give a path that you may read",
)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_the_screen(text: str, columns: int) -> list[str]:
    """The rows that a terminal makes of it."""
    return [line[at : at + columns] for line in text.splitlines() for at in range(0, max(len(line), 1), columns)]


@pytest.mark.parametrize("columns", [50, 80, 120])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_word_is_broken_that_fits_a_row(sentence: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever command says it, and however it ends."""
    screen = Screen()
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    tell(sentence)
    tell_aside(sentence)
    with pytest.raises(SystemExit):
        complain(sentence)
    shown = [word for row in on_the_screen(screen.getvalue(), columns) for word in row.split()]
    short = [word for word in sentence.split() if len(word) <= columns]
    for word in short:
        assert shown.count(word) >= 3 * short.count(word), word


def test_in_a_pipe_a_sentence_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """However long it is: a program reads it."""
    tell(SENTENCES[2])
    assert capsys.readouterr().out == SENTENCES[2] + "\n"
