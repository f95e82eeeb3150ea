"""The person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.cli.quiz.screen import Screen

USUAL = ("nano", "vim", "vi")


def edit_file(screen: Screen, path: Path) -> bool:
    """Open `path` and wait; False, and a sentence on the screen, where no editor ended well."""
    command = _editor()
    if not command:
        screen.say("quiz.code.no_editor", "yellow")
        return False
    try:
        with _ctrl_c_left_to_the_editor():
            status = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        screen.say(
            "quiz.code.editor_missing", "yellow", editor=Path(command[0]).name, reason=error.strerror or str(error)
        )
        return False
    if status:
        screen.say("quiz.code.editor_failed", "yellow", editor=Path(command[0]).name, status=str(status))
    return status == 0


def edit_text(screen: Screen, question: str, draft: str = "") -> str:
    """A text written in the editor, below the question as a comment and any draft; empty, with a sentence, if none."""
    comments = [f"# {line}".rstrip() for line in question.strip().splitlines()]
    with tempfile.TemporaryDirectory(prefix="viva-") as folder:
        path = Path(folder) / "answer.md"
        path.write_text("\n".join([*comments, "", draft]), encoding="utf-8")
        if not edit_file(screen, path):
            return ""
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:  # the editor took the file away
            text = ""
    known = set(comments)
    answer = "\n".join(line for line in text.splitlines() if line.rstrip() not in known).strip()
    if not answer:
        screen.say("quiz.editor_nothing", "yellow")
    return answer


@contextmanager
def _ctrl_c_left_to_the_editor() -> Iterator[None]:
    """Ctrl-C reaches everything at the terminal; while an editor is open it is the editor's alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: None)  # SIG_IGN would be inherited by the editor
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _editor() -> list[str]:
    """The command and its arguments; empty where there is none."""
    for name in ("VISUAL", "EDITOR"):
        wish = os.environ.get(name, "").strip()
        if wish:
            try:
                return shlex.split(wish)
            except ValueError:  # a quotation mark that is never closed
                return [wish]
    return next(([found] for found in map(shutil.which, USUAL) if found), [])
