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
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError, unreadable
from grader.grading import examiners, notebook
from grader.grading.examination import Question
from grader.grading.rejection import Rejection, printable, refuse_found, reject
from grader.model.exercise import Exercise
from grader.model.submission import Submission

__all__ = ["Rejection", "admit", "find_submissions", "read_submission"]

MAX_PROBLEM = 200  # characters of what a notebook has against it
# Never wait for a pipe's other end, never follow a link, never adopt a terminal. Not every system has every flag.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """Submissions, one path each, and what lies beside them in folders and is not graded."""

    submissions: tuple[Path, ...]
    others: tuple[Path, ...] = ()


def find_submissions(paths: Iterable[Path]) -> Found:
    """One path per submission: each file as given, and the files of code (Python, notebooks) at the top of each folder.

    A folder without any may hold a folder for each person, with `solution.py` or one file of code in it. Hidden entries
    are skipped. A link that the caller gives is resolved here; a link found in a folder is listed as it is, and
    `read_submission` refuses it. Raises `UsageError` for a path that is missing or a folder without Python.
    """
    found = [_submissions_at(path) for path in paths]
    submissions = dict.fromkeys(path for one in found for path in one.submissions)
    others = dict.fromkeys(path for one in found for path in one.others)
    return Found(tuple(submissions), tuple(others))


def _submissions_at(path: Path) -> Found:
    name = printable(str(path))
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return Found((path.resolve() if path.is_symlink() else path,))
        found = _in_folder(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"{name} does not exist; give a Python file or a notebook, or a folder of them",
            f"{name} 不存在；请给出一个 Python 文件或 notebook，或装有它们的目录",
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    if not found.submissions:
        raise UsageError(
            f"{name} holds no Python files and no notebooks; give a folder with a file or a folder for each submission",
            f"{name} 里没有 Python 文件，也没有 notebook；请给出每份提交各为一个文件或一个目录的目录",
        )
    return found


def _in_folder(path: Path) -> Found:
    inside = [one for one in sorted(path.iterdir()) if not one.name.startswith((".", "__"))]
    code = [one for one in inside if _is_code(one)]
    if code:
        return Found(tuple(code), tuple(one for one in inside if one not in code))
    by_person = {one: _of_person(one) for one in inside}
    chosen = tuple(file for file in by_person.values() if file is not None)
    return Found(chosen, tuple(one for one, file in by_person.items() if file is None))


def _of_person(folder: Path) -> Path | None:
    """The submission in a person's own folder: `solution.py`, or the only file of code; None where neither is there."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    code = [one for one in folder.iterdir() if _is_code(one) and not one.name.startswith((".", "test_"))]
    named = [one for one in code if one.name == "solution.py"] or code
    return named[0] if len(named) == 1 else None


def _is_code(path: Path) -> bool:
    return path.suffix.lower() in {".py", notebook.SUFFIX}


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
            if refusal:
                return refusal
            if path.suffix.lower() == notebook.SUFFIX:
                return _admit_notebook(name, file.read(notebook.LARGEST + 1), exercise)
            return admit(name, file.read(_max_bytes(exercise) + 1), exercise)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error


def _admit_notebook(name: str, data: bytes, exercise: Exercise) -> Submission | Rejection:
    """The code cells of a notebook, as if they stood in a file; the exercise's limit is for them alone."""
    if len(data) > notebook.LARGEST:
        return reject(name, "too_large", data, limit=notebook.LARGEST // 1024)
    try:
        source = notebook.source_of(data)
    except ValueError as error:
        return reject(name, "notebook", data, problem=printable(str(error))[:MAX_PROBLEM])
    return admit(name, source.encode("utf-8", "surrogatepass"), exercise)


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
