"""`viva session open` and `close`: the clock on the candidate's machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from grader.cli.language import choose
from grader.errors import UsageError, unwritable
from grader.model.text import Lang
from grader.report.console import Console
from grader.report.session_clock import render_clock
from grader.sessions.clock import find_folder, minutes_left, read_sitting, started, stopped

Wish = Literal["auto", "en", "zh"]


def run_open(path: Path, wish: Wish) -> None:
    """Start the clock of a candidate's folder, or show what is left of it."""
    lang, now = choose(wish), datetime.now(UTC)
    before = read_sitting(_folder(path, lang))
    sitting = started(before, now)
    render_clock(sitting, minutes_left(sitting, now), now, Console(), lang, new=before.clock is None)


def run_close(path: Path, wish: Wish) -> None:
    """Stop the clock, and say how long it went."""
    lang, now = choose(wish), datetime.now(UTC)
    sitting = stopped(read_sitting(_folder(path, lang)), now)
    render_clock(sitting, minutes_left(sitting, now), now, Console(), lang, new=False)


def _folder(path: Path, lang: Lang) -> Path:
    """The candidate's folder that a path means. Raises UsageError where it means none."""
    from grader.sessions import session_file

    if path.suffix.lower() == ".zip":
        raise UsageError(
            f"{path} is a zip; unpack it, and name the folder that comes out",
            f"{path} 是 zip 文件；请先解压，再指定解压出的文件夹",
        )
    # A session comes first: beside it may lie the folder of what it was before a question was swapped.
    if path.name == session_file.NAME or (path / session_file.NAME).is_file():
        return _unpacked(session_file.locate(path), lang)
    found = find_folder(path)
    if found is None:
        raise _no_interview(path)
    return found


def _unpacked(path: Path, lang: Lang) -> Path:
    """The candidate's folder of a session, written beside it where it is not there yet. Raises UsageError."""
    from grader.cli.session_bundle import write_folder
    from grader.sessions import session_file
    from grader.sessions.bundle import candidate_files, root_name

    session = session_file.read_session(path)
    root = path.parent / root_name(session)
    if not root.exists():
        try:
            write_folder(path, candidate_files(session, lang, live=False), root)
        except OSError as error:
            fix = ("mend the permissions of its folder", "请修正所在目录的权限")
            raise unwritable(root, error.strerror, *fix) from error
    return root


def _no_interview(path: Path) -> UsageError:
    return UsageError(
        f"{path} holds no interview; name the folder that was unpacked from the zip, or the session's folder",
        f"{path} 里没有面试试题；请指定由 zip 解压出的文件夹，或面试所在的文件夹",
    )
