"""`session.json`: one session in one file, with a digest that tells an edit from the original."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from grader.errors import ContentError, UsageError, unreadable, unwritable
from grader.files import read_text, write_file
from grader.model.session import SCHEMA, Session

NAME = "session.json"
MAX_BYTES = 32 * 1024 * 1024
LONGEST = 24 * 60  # minutes: no interview is longer, and a page draws a mark for every few of them
WARNING = (
    "FOR THE INTERVIEWER ONLY: this file holds the answers. Candidates get what `viva session bundle` writes. / "
    "仅供面试官使用：本文件含有答案。发给候选人的内容请用 `viva session bundle` 生成。"
)


def dump_session(session: Session) -> bytes:
    """The file of a session; the same session gives the same bytes."""
    import msgspec

    body = msgspec.to_builtins(session)
    document = {"schema": SCHEMA, "warning": WARNING, "digest": _digest(body), "session": body}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def write_session(path: Path, session: Session) -> None:
    """Write the file, whole or not at all. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, dump_session(session))
    except OSError as error:
        raise unwritable(path, error.strerror, "name another folder with -o", "请用 -o 指定另一个目录") from error


def locate(path: Path) -> Path:
    """The session file that a person means by its path or by its folder. Raises UsageError."""
    found = path / NAME if path.is_dir() else path
    if found.is_file():
        return found
    forms = sorted(path.glob(f"*/{NAME}")) if path.is_dir() else []
    if forms:
        raise UsageError(
            f"{path} holds {len(forms)} forms; name one of them, such as {forms[0].parent}",
            f"{path} 里有 {len(forms)} 份试题；请指定其中一份，例如 {forms[0].parent}",
        )
    raise UsageError(
        f"{found} does not exist; name a session file, or the folder that `viva session new` made",
        f"{found} 不存在；请指定面试文件，或 `viva session new` 建立的目录",
    )


def locate_all(path: Path) -> list[Path]:
    """The session file that a person means, or those of all forms in a folder of forms, by number. Raises UsageError.

    A folder of sessions that were not made together is none of forms.
    """
    if not path.is_dir() or (path / NAME).is_file():
        return [locate(path)]
    found = sorted(path.glob(f"*/{NAME}"))
    sessions = {file: read_session(file) for file in found}
    together = {(session.role, session.seed, session.forms, session.created) for session in sessions.values()}
    numbers = {session.form for session in sessions.values()}
    if len(together) != 1 or len(numbers) != len(found):
        return [locate(path)]
    return sorted(found, key=lambda file: sessions[file].form)


def read_session(path: Path) -> Session:
    """Read a session file. Raises ContentError when it is not one, or was edited by hand."""
    document = _read_json(path)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else "another kind of document"
        fix = "name a file that `viva session new` of this version made"
        raise ContentError(path, "schema", f"found {found!r}, not `{SCHEMA}`", fix)
    body = document.get("session")
    if document.get("digest") != _digest(body):
        problem = "the contents do not match the digest: the file was edited or damaged"
        raise ContentError(path, "digest", problem, "restore the original, or make a new session")
    import msgspec

    try:
        _canonical(body).encode()  # raises for half a character (a lone surrogate), which no bundle can hold
        session = msgspec.convert(_with_units(body), Session)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise ContentError(path, "session", str(error), "make the session anew") from error
    times = (session.minutes, session.opening, session.closing, *(one.minutes for one in session.questions))
    if not all(0 <= minutes <= LONGEST for minutes in times) or session.minutes == 0:
        problem = f"a time is not between 0 and {LONGEST} minutes"
        raise ContentError(path, "session", problem, "make the session anew")
    if not 0 <= session.code_share <= 1:  # nor for what is no number
        problem = f"found {session.code_share}, which is no share"
        raise ContentError(path, "session.code_share", problem, "write a number from 0 to 1, or make the session anew")
    return session


def _with_units(body: Any) -> Any:
    """The session with units in two languages; those of sessions made before were English alone."""
    questions = body.get("questions") if isinstance(body, dict) else None
    for question in questions if isinstance(questions, list) else ():
        numeric = question.get("numeric") if isinstance(question, dict) else None
        if isinstance(numeric, dict) and isinstance(numeric.get("unit"), str):
            numeric["unit"] = {"en": numeric["unit"], "zh": numeric["unit"]}
    return body


def _read_json(path: Path) -> Any:
    try:
        return json.loads(read_text(path, MAX_BYTES))
    except OSError as error:
        raise unreadable(path, error.strerror, "name a session file", "请指定一个面试文件") from error
    except (ValueError, RecursionError) as error:
        raise ContentError(path, "", "it is not a JSON document", "name a file that `viva session new` made") from error


def _digest(body: Any) -> str:
    return "sha256:" + hashlib.sha256(_canonical(body).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
