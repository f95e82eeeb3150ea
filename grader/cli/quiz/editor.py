"""The person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from grader.cli.quiz.screen import Screen

USUAL = ("nano", "vim", "vi")


def edit_file(screen: Screen, path: Path) -> bool:
    """Open `path` and wait; False, and a sentence on the screen, where there is no editor."""
    command = _editor()
    if command is None:
        screen.say("quiz.code.no_editor", "yellow", file=str(path))
        return False
    try:
        return subprocess.run([*command, str(path)], check=False).returncode == 0
    except OSError:
        screen.say("quiz.code.no_editor", "yellow", file=str(path))
        return False


def edit_text(screen: Screen, question: str) -> str:
    """A text written in the editor, below the question as a comment; empty when nothing was written."""
    comments = "".join(f"# {line}\n" for line in question.strip().splitlines())
    with tempfile.TemporaryDirectory(prefix="viva-") as folder:
        path = Path(folder) / "answer.md"
        path.write_text(f"{comments}\n", encoding="utf-8")
        if not edit_file(screen, path):
            return ""
        text = path.read_text(encoding="utf-8", errors="replace")
    return text.removeprefix(comments).strip()


def _editor() -> list[str] | None:
    for name in ("VISUAL", "EDITOR"):
        if os.environ.get(name, "").strip():
            return shlex.split(os.environ[name])
    return next(([found] for found in map(shutil.which, USUAL) if found), None)
