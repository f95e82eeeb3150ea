"""Parallel forms of one interview: of which form somebody's answers are, and of which a rubric is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.model.session import Session
from grader.model.text import Text
from grader.sessions.answers import read_written
from grader.sessions.archive import Refused, find_returns, read_return
from grader.sessions.bundle import ANSWERS, expected_files, session_of_root
from grader.sessions.rubric import session_of_sheet


def find_all(paths: Iterable[Path], sessions: Sequence[Session]) -> list[Path]:
    """Everything that was sent back to any of the forms. Raises UsageError."""
    expected = {name: question for session in sessions for name, question in expected_files(session).items()}
    return find_returns(paths, expected)


def share_out(returned: Iterable[Path], sessions: Sequence[Session]) -> tuple[Mapping[str, list[Path]], list[Path]]:
    """What was sent back, by the code of its form; and what names no form, so that nobody can say whose it is."""
    by_code: dict[str, list[Path]] = {session.code: [] for session in sessions}
    strays: list[Path] = []
    for path in returned:
        code = _code_of(path, sessions)
        by_code.get(code, strays).append(path)
    return by_code, strays


def form_of_sheet(path: Path, sessions: Sequence[Session]) -> Session:
    """The form that a rubric is of; the first one where it names none of them, whose reader says so."""
    named = session_of_sheet(path)
    return next((session for session in sessions if named in (session.code, session.id)), sessions[0])


def no_form(sessions: Sequence[Session]) -> Text:
    """Why something is refused that names none of the forms."""
    codes = ", ".join(session.code for session in sessions)
    return Text(
        en=f"it does not say of which form it is ({codes}); write `session: CODE` into its {ANSWERS}",
        zh=f"看不出它属于哪一份试题（{codes}）；请在其 {ANSWERS} 里写明 `session: 代号`",
    )


def _code_of(path: Path, sessions: Sequence[Session]) -> str:
    """The code of the session that an archive says it is of; empty where it says nothing or cannot be read."""
    for session in sessions:
        found = read_return(path, expected_files(session))
        if isinstance(found, Refused):
            continue
        code = read_written(found.files.get(ANSWERS), session).session or session_of_root(found.root)
        if code:
            return code
    return ""
