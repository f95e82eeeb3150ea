"""Screens that say nonsense of their size, and commands that are printed for copying."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest


def viva(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "VIVA_HOME": str(folder / "home"), "VIVA_ENGINE": "own", **env}
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("columns", ["0", "abc", "", "-5", "3", "³", "9" * 30])
def test_a_width_that_is_none_changes_nothing(tmp_path: Path, columns: str) -> None:
    """COLUMNS is believed where it is a width."""
    plain = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    usual = subprocess.run(
        [sys.executable, "-m", "grader", "search", "kv"], cwd=tmp_path, env=plain, capture_output=True, text=True
    )
    for command in (("search", "kv"), ("--help",)):
        done = viva(tmp_path, *command, COLUMNS=columns)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout) > 300
    assert viva(tmp_path, "search", "kv", COLUMNS=columns).stdout == usual.stdout


def _printed(text: str) -> list[str]:
    """The words of the one command of `viva`'s that a text holds."""
    line = next(line for line in text.splitlines() if "viva " in line[5:] or line.startswith("next: "))
    return shlex.split(line[line.index("viva ", 5) :].strip("`"))


def test_a_printed_command_runs_as_it_stands(tmp_path: Path) -> None:
    """Paths with blanks are quoted, in what comes next and in what went wrong."""
    made = viva(
        tmp_path, "session", "new", "--role", "ml-engineer", "--level", "mid", "--minutes", "45", "-o", "my session"
    )
    assert _printed(made.stdout) == ["viva", "session", "bundle", "my session"]
    (tmp_path / "my code.py").write_text("x = 1\n", encoding="utf-8")
    refused = viva(tmp_path, "grade", "my code.py")
    assert "`viva grade f1_auc 'my code.py'`" in refused.stderr
    started = viva(tmp_path, "start", "f1_auc", "my work")
    assert "  cd 'my work'\n" in started.stdout
