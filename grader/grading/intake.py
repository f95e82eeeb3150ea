"""From a path to a submission, or to the reason why it is not graded.

What a person handed in is untrusted before it is run, too: it may be a pipe that blocks the reader, a link to
somebody else's file, or source that is built to exhaust the parser. A fault of the submission is a `Rejection`, a
value; a path that we cannot use is a `UsageError`. Bytes are counted, decoded and hashed here, which is linear; who
parses and follows them is a process apart (`examiners`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from grader.errors import UsageError, unreadable
from grader.grading import examiners
from grader.grading.examination import Question
from grader.grading.rejection import Rejection, printable, refuse_found, reject
from grader.model.exercise import Exercise
from grader.model.submission import Submission

__all__ = ["Rejection", "admit", "find_submissions", "read_submission"]

# Never wait for a pipe's other end, never follow a link, never adopt a terminal. Not every system has every flag.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


def find_submissions(paths: Iterable[Path]) -> list[Path]:
    """One path per submission: each file as given, and the `.py` entries at the top of each folder, sorted.

    Hidden entries are skipped. A link that the caller gives is resolved here; a link found in a folder is listed as
    it is, and `read_submission` refuses it. Raises `UsageError` for a path that is missing or a folder without Python.
    """
    return list(dict.fromkeys(found for path in paths for found in _submissions_at(path)))


def _submissions_at(path: Path) -> list[Path]:
    name = printable(str(path))
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return [path.resolve() if path.is_symlink() else path]
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() == ".py" and not p.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"{name} does not exist; give a Python file, or a folder of Python files",
            f"{name} 不存在；请给出一个 Python 文件，或装有 Python 文件的目录",
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    if not inside:
        raise UsageError(
            f"{name} holds no Python files; give a folder with one .py file for each submission",
            f"{name} 里没有 Python 文件；请给出每份提交各为一个 .py 文件的目录",
        )
    return inside


def read_submission(path: Path, exercise: Exercise) -> Submission | Rejection:
    """Read one file and check it; the file is never followed, waited for, or read beyond the exercise's limit.

    Raises `UsageError` if the file is gone or may not be read, which is not the candidate's fault.
    """
    name = printable(str(path))
    try:
        refusal = _refuse_kind(name, path.lstat().st_mode)
        if refusal:
            return refusal
        with os.fdopen(os.open(path, _OPEN_FLAGS), "rb") as file:
            # Asked again of what was opened: the path may lead elsewhere by now.
            refusal = _refuse_kind(name, os.fstat(file.fileno()).st_mode)
            return refusal or admit(name, file.read(_max_bytes(exercise) + 1), exercise)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error


def admit(name: str, data: bytes, exercise: Exercise) -> Submission | Rejection:
    """Check the bytes of a submission; `name` is only for display.

    They must be UTF-8, with or without a byte order mark. A PEP 263 cookie has no effect, so whoever runs the
    submission must compile `Submission.source`, the text that was checked here, and not the bytes. Raises JudgeError
    when no examiner could look at it.
    """
    if len(data) > _max_bytes(exercise):
        return reject(name, "too_large", data, limit=exercise.limits.source_kb)
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return reject(name, "encoding", data, offset=error.start)
    if "\0" in source:
        return reject(name, "null_byte", data, line=source[: source.index("\0")].count("\n") + 1)
    question = Question(source, exercise.entry_points, exercise.forbid, exercise.native)
    return refuse_found(name, data, exercise, examiners.ask(question)) or Submission(name=name, source=source)


def _refuse_kind(name: str, mode: int) -> Rejection | None:
    if stat.S_ISREG(mode):
        return None
    return reject(name, "symlink" if stat.S_ISLNK(mode) else "not_a_file", b"")


def _max_bytes(exercise: Exercise) -> int:
    return exercise.limits.source_kb * 1024


def _unreadable(name: str, error: OSError | ValueError) -> UsageError:
    cause = printable(getattr(error, "strerror", None) or str(error))
    return unreadable(name, cause, "give a path that you may read", "请给出你有权读取的路径")
