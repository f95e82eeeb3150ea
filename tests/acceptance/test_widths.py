"""Screens of 50, 80 and 120 columns show whole words, in both languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT
from tests.acceptance.terminal import Terminal

WIDTHS = (50, 80, 120)
WIDE = 400
COMMANDS = {
    "list": ("list", "--topic", "arch"),
    "areas": ("list",),
    "show": ("show", "f1_auc"),
    "show answers": ("show", "best-constant-for-each-loss", "--answers"),
    "path list": ("path", "list"),
    "path show": ("path", "show", "metrics-you-can-defend"),
    "progress": ("progress",),
    "home": (),
    "next": ("next",),
    "grade": ("grade", "f1_auc", "half_right.py", "--seed", "7", "-v"),
    "session show": ("session", "show", "interview"),
    "stats": ("stats",),
    "search": ("search", "kv", "cache"),
    "doctor": ("doctor",),
    "hint": ("hint", "f1_auc", "--data", "hints.sqlite"),
    "no exercise": ("grade", "no_such_exercise"),
    "no option": ("grade", "f1_auc", "half_right.py", "--no-such-option-of-viva"),
    "no file": ("grade", "f1_auc", "a_folder_that_is_not_there/solution.py"),
    "no reader": ("session", "grade", "interview", "what_never_came_back.zip"),
    "kept back": ("solution", "f1_auc"),
    "quiz": ("quiz", "--seed", "3", "--kind", "choice", "--topic", "evaluation", "--data", "quiz.sqlite"),
}
TYPED = {"quiz": "q", "next": "n\r", "kept back": "n\r"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wrong solution, a session, and progress with an answer in it."""
    folder = tmp_path_factory.mktemp("widths")
    shutil.copy(ROOT / "examples" / "f1_auc" / "half_right.py", folder)
    made = "session new --role llm-engineer --level senior --minutes 60 --topics attention,metrics --coding 1 --seed 7"
    in_a_pipe(folder, *made.split(), "-o", "interview")
    in_a_pipe(folder, "quiz", "--count", "2", "--seed", "1", "--kind", "choice", typed="a\n\na\n\n")
    for _ in range(4):  # all there are, so that each call shows the same
        in_a_pipe(folder, "hint", "f1_auc", "--data", "hints.sqlite")
    return folder


def _environment(folder: Path) -> dict[str, str]:
    return {"VIVA_HOME": str(folder / "home"), "VIVA_ENGINE": "own", "PAGER": "cat", "LESS": "FRX"}


def in_a_pipe(folder: Path, *arguments: str, typed: str = "q\n") -> str:
    """What a command prints where no line is broken."""
    environment = {**os.environ, **_environment(folder)}
    command = [sys.executable, "-m", "grader", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, input=typed, capture_output=True, text=True, timeout=120
    )
    return done.stdout


def on_a_screen(folder: Path, columns: int, name: str, lang: str) -> str:
    """What is to be seen when a command has ended."""
    terminal = Terminal(["--lang", lang, *COMMANDS[name]], folder, _environment(folder), columns)
    if name == "kept back":  # what is typed ahead of a question is shown ahead of it, too
        terminal.see("[y/N]")
    if name in TYPED:
        terminal.press(TYPED[name])
    terminal.ends()
    return terminal.text()


def words(text: str) -> set[str]:
    """Words in Latin letters, and names with them; Chinese may be broken anywhere."""
    return set(re.findall(r"[A-Za-z][A-Za-z0-9_'-]{2,}", text))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_word_is_cut(folder: Path, name: str, lang: str) -> None:
    """What stands on a narrow screen are words that stand on one of 400 columns, or in a pipe."""
    whole = words(on_a_screen(folder, WIDE, name, lang) + in_a_pipe(folder, "--lang", lang, *COMMANDS[name]))
    assert len(whole) > (3 if lang == "en" else 0)  # a question in Chinese may hold one word in Latin letters
    cut = {columns: words(on_a_screen(folder, columns, name, lang)) - whole for columns in WIDTHS}
    assert not any(cut.values()), cut
