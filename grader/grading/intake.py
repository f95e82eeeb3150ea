"""From a path to a submission, or to the reason why it is not graded.

What a person handed in is untrusted before it is run, too: it may be a pipe that blocks the reader, a link to
somebody else's file, or source that is built to exhaust the parser. A fault of the submission is a `Rejection`, a
value; a path that we cannot use is a `UsageError`. Bytes are counted, decoded and hashed here, which is linear; who
parses and follows them is a process apart (`examiners`).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from grader.errors import UsageError, unreadable
from grader.files import decode_source
from grader.grading import examiners, notebook
from grader.grading.examination import Question
from grader.grading.own_modules import MAX_MODULES, looked_at, modules_among, modules_beside
from grader.grading.rejection import Rejection, printable, refuse_found, reject
from grader.model.exercise import Exercise
from grader.model.submission import Submission

__all__ = ["Left", "Rejection", "admit", "admit_file", "find_submissions", "read_submission", "source_of"]

SOLUTION = "solution.py"
# What is put beside a solution in a workspace or a bundle, and what `viva reset` keeps.
_IS_OURS = re.compile(r"test_\w*\.py|conftest\.py|driver\.py|solution\.\d+\.py|STATEMENT\.md|README\.md").fullmatch
_ZIP = b"PK\x03\x04"
MAX_PROBLEM = 200  # characters of what a notebook has against it
# Never wait for a pipe's other end, never follow a link, never adopt a terminal. Not every system has every flag.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True)
class Left:
    """Something among submissions that is not graded, and why: a key of the sentence that says so."""

    path: Path
    why: Literal["no_code", "folder", "several", "helper"]


@dataclass(frozen=True, slots=True)
class Found:
    """Submissions, one path each, and what lies beside them in folders and is not graded.

    `modules` are the files that a submission imports and that were handed in with it, where there are any.
    """

    submissions: tuple[Path, ...]
    others: tuple[Left, ...] = ()
    modules: Mapping[Path, tuple[Path, ...]] = field(default_factory=dict)


def find_submissions(
    paths: Iterable[Path], exercise: Exercise | None = None, is_workspace: Callable[[Path], bool] = lambda folder: False
) -> Found:
    """One path per submission: each file as given, and the files of code (Python, notebooks) at the top of each folder.

    A folder is one submission where `solution.py` imports all other code there, none of which defines an entry point of
    the exercise, and where `is_workspace` says that one person works there. A folder without code may hold a folder for
    each person, with `solution.py` or one file of code in it. Public cases and what belongs to pytest are never graded.
    What a person's own solution imports of its folder is handed in with it. Hidden entries are skipped; everything else
    that is not graded is named. A link that the caller gives is resolved here; a link found in a folder is listed as it
    is, and `read_submission` refuses it. Raises `UsageError` for a path that is missing or a folder without Python.
    """
    found = [_submissions_at(path, exercise, is_workspace) for path in paths]
    submissions = dict.fromkeys(path for one in found for path in one.submissions)
    modules = {path: files for one in found for path, files in one.modules.items() if files}
    taken = {*submissions, *(file for files in modules.values() for file in files)}
    others = {left.path: left for one in found for left in one.others if not _is_taken(left.path, taken)}
    return Found(tuple(submissions), tuple(others.values()), modules)


def _is_taken(path: Path, taken: Collection[Path]) -> bool:
    """Whether a path, or something below it, is graded."""
    return path in taken or any(path in one.parents for one in taken)


def _submissions_at(path: Path, exercise: Exercise | None, is_workspace: Callable[[Path], bool]) -> Found:
    name = printable(str(path))
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return Found((path.resolve() if path.is_symlink() else path,))
        found = _in_folder(path, exercise, is_workspace)
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


def _in_folder(path: Path, exercise: Exercise | None, is_workspace: Callable[[Path], bool]) -> Found:
    inside = [one for one in sorted(path.iterdir()) if not one.name.startswith((".", "__"))]
    code = [one for one in inside if _is_code(one)]
    if not code:
        return _by_person(inside, exercise)
    own = path / SOLUTION
    if own not in code:
        return Found(tuple(code), tuple(_left(one) for one in inside if one not in code))
    graded = [one for one in code if not _IS_OURS(one.name)]
    modules = modules_beside(own, exercise)
    if {own, *modules}.issuperset(graded) and not _holds_a_solution(modules, exercise):
        return _alone(own, modules, inside)
    if is_workspace(path):
        return _alone(own, (), inside)  # it may say so of itself, and take nobody's code with it
    return Found(tuple(graded), tuple(_left(one) for one in inside if one not in graded))


def _by_person(folders: Iterable[Path], exercise: Exercise | None) -> Found:
    """The submission in each person's own folder, and what is in none, or beside one."""
    chosen: list[Found] = []
    others: list[Left] = []
    for folder in folders:
        if folder.is_symlink() or not folder.is_dir():
            others.append(_left(folder))
            continue
        inside = [one for one in sorted(folder.iterdir()) if not one.name.startswith((".", "__", "test_"))]
        code = [one for one in inside if _is_code(one)]
        named = [one for one in code if one.name == SOLUTION] or code
        if len(named) == 1:
            chosen.append(_alone(named[0], modules_beside(named[0], exercise), inside))
        else:
            others.append(Left(folder, "several" if code else "folder"))
    return Found(
        tuple(path for one in chosen for path in one.submissions),
        (*others, *(left for one in chosen for left in one.others)),
        {path: files for one in chosen for path, files in one.modules.items()},
    )


def _alone(solution: Path, modules: tuple[Path, ...], inside: Iterable[Path]) -> Found:
    """A folder of one person: the solution with what it imports there, and the rest, but for what we put there."""
    rest = [one for one in inside if one != solution and not _IS_OURS(one.name)]
    return Found((solution,), tuple(map(_left, rest)), {solution: modules})


def _left(path: Path) -> Left:
    if path.is_dir() and not path.is_symlink():
        return Left(path, "folder")
    return Left(path, "helper" if _is_code(path) else "no_code")


def _holds_a_solution(modules: Iterable[Path], exercise: Exercise | None) -> bool:
    """Whether one of them looks like a solution itself.

    Nobody's import may make a mere module of what somebody else handed in.
    """
    names = "|".join(map(re.escape, exercise.entry_points if exercise else ()))
    defines = re.compile(rf"^[ \t]*(?:def|class)[ \t]+(?:{names})\b|^(?:{names})[ \t]*=", re.MULTILINE)
    return bool(names) and any(defines.search(looked_at(one)) for one in modules)


def _is_code(path: Path) -> bool:
    return path.suffix.lower() in {".py", notebook.SUFFIX}


def read_submission(path: Path, exercise: Exercise, modules: Sequence[Path] = ()) -> Submission | Rejection:
    """Read one file, and the `modules` of its folder that it imports, and check them.

    No file is followed, waited for, or read beyond the exercise's limit, which is for all of them together. Raises
    `UsageError` if a file is gone or may not be read, which is not the candidate's fault.
    """
    name = printable(str(path))
    data = _read(path, notebook.LARGEST if _is_notebook(name) else _max_bytes(exercise))
    read = data if isinstance(data, Rejection) else admit_file(name, data, exercise)
    if not modules or isinstance(read, Rejection):
        return read
    files = [(file.relative_to(path.parent).as_posix(), partial(_read, file)) for file in modules]
    return _with_modules(read, path.parent, files, exercise)


def _read(path: Path, most: int) -> bytes | Rejection:
    """The bytes of a regular file, and no more than one too many."""
    name = printable(str(path))
    try:
        refusal = _refuse_kind(name, path.lstat().st_mode)
        if refusal:
            return refusal
        with os.fdopen(os.open(path, _OPEN_FLAGS), "rb") as file:
            # Asked again of what was opened: the path may lead elsewhere by now.
            return _refuse_kind(name, os.fstat(file.fileno()).st_mode) or file.read(most + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error


def _with_modules(
    solution: Submission,
    folder: Path,
    modules: Sequence[tuple[str, Callable[[int], bytes | Rejection]]],
    exercise: Exercise,
) -> Submission | Rejection:
    """The submission with its modules, each a path below the folder and what reads no more than so many bytes of it.

    What is against one of them is against all of it.
    """
    read: list[tuple[str, str]] = []
    left = _max_bytes(exercise) - len(solution.source.encode("utf-8", "surrogatepass"))
    for name, read_most in modules[:MAX_MODULES]:
        data = read_most(left)
        module = data if isinstance(data, Rejection) else _admit_module(folder / name, data, left, exercise)
        if isinstance(module, Rejection):
            return replace(module, name=solution.name, digest=solution.digest)
        read.append((name, module))
        left -= len(module.encode("utf-8", "surrogatepass"))
    if len(modules) > MAX_MODULES:
        return replace(reject(solution.name, "too_many_modules", b"", limit=MAX_MODULES), digest=solution.digest)
    return replace(solution, modules=tuple(read))


def _admit_module(file: Path, data: bytes, most: int, exercise: Exercise) -> str | Rejection:
    name = printable(str(file))
    if len(data) > most:
        return reject(name, "too_large_together", data, limit=exercise.limits.source_kb)
    source = _text_of(name, data)
    if isinstance(source, Rejection):
        return source
    answer = examiners.ask(Question(source, (), exercise.forbid, exercise.native))
    return source if answer.found == "empty" else refuse_found(name, data, exercise, answer) or source


def source_of(name: str, data: bytes, beside: Mapping[str, bytes] = MappingProxyType({})) -> str:
    """The code of a file as a report shows it, and of what it imports of the files `beside` it.

    Bytes and notebooks that cannot be read show as what they are.
    """
    source = _shown(name, data)
    own = modules_among(source, beside)
    return "\n\n".join([source, *(f"# {path}\n{_shown(path, beside[path])}" for path in own)])


def _shown(name: str, data: bytes) -> str:
    try:
        return notebook.source_of(data) if _is_notebook(name) else decode_source(data)
    except ValueError:  # UnicodeDecodeError is one
        return data.decode("utf-8", "backslashreplace")


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(notebook.SUFFIX)


def _admit_notebook(name: str, data: bytes, exercise: Exercise) -> Submission | Rejection:
    """The code cells of a notebook, as if they stood in a file; the exercise's limit is for them alone."""
    if len(data) > notebook.LARGEST:
        return reject(name, "too_large", data, limit=notebook.LARGEST // 1024)
    try:
        source = notebook.source_of(data)
    except ValueError as error:
        return reject(name, "notebook", data, problem=printable(str(error))[:MAX_PROBLEM])
    return admit(name, source.encode("utf-8", "surrogatepass"), exercise)


def admit_file(
    name: str, data: bytes, exercise: Exercise, beside: Mapping[str, bytes] = MappingProxyType({})
) -> Submission | Rejection:
    """Check the bytes of a file that is called `name`: a notebook where it ends so, else Python. Raises as `admit`.

    What a Python file imports of the files `beside` it, by their path below its folder, is handed in with it.
    """
    if _is_notebook(name):
        return _admit_notebook(name, data, exercise)
    read = admit(name, data, exercise)
    if isinstance(read, Rejection):
        return read
    files = [(path, _in_memory(beside[path])) for path in modules_among(read.source, beside, exercise)]
    return _with_modules(read, Path(), files, exercise) if files else read


def _in_memory(data: bytes) -> Callable[[int], bytes]:
    return lambda most: data[: most + 1]


def admit(name: str, data: bytes, exercise: Exercise) -> Submission | Rejection:
    """Check the bytes of a submission; `name` is only for display.

    They must be UTF-8, with or without a byte order mark, or of the encoding that they declare (PEP 263) where they
    are not. Whoever runs the submission must compile `Submission.source`, the text that was checked here, and not the
    bytes. Raises JudgeError when no examiner could look at it.
    """
    if len(data) > _max_bytes(exercise):
        return reject(name, "too_large", data, limit=exercise.limits.source_kb)
    source = _text_of(name, data)
    if isinstance(source, Rejection):
        return source
    question = Question(source, exercise.entry_points, exercise.forbid, exercise.native)
    return refuse_found(name, data, exercise, examiners.ask(question)) or Submission(name=name, source=source)


def _text_of(name: str, data: bytes) -> str | Rejection:
    try:
        source = decode_source(data)
    except UnicodeDecodeError as error:
        return _refuse_bytes(name, data, error)
    if "\0" in source:
        return reject(name, "null_byte", data, line=source[: source.index("\0")].count("\n") + 1)
    return source


def _refuse_bytes(name: str, data: bytes, error: UnicodeDecodeError) -> Rejection:
    if data.startswith(_ZIP):
        return reject(name, "archive", data)
    encoding = "UTF-8" if error.encoding.startswith("utf") else error.encoding.upper()
    line = data.count(b"\n", 0, error.start) + 1
    return reject(name, "encoding", data, line=line, byte=f"0x{data[error.start]:02x}", encoding=encoding)


def _refuse_kind(name: str, mode: int) -> Rejection | None:
    if stat.S_ISREG(mode):
        return None
    return reject(name, "symlink" if stat.S_ISLNK(mode) else "not_a_file", b"")


def _max_bytes(exercise: Exercise) -> int:
    return exercise.limits.source_kb * 1024


def _unreadable(name: str, error: OSError | ValueError) -> UsageError:
    cause = printable(getattr(error, "strerror", None) or str(error))
    return unreadable(name, cause, "give a path that you may read", "请给出你有权读取的路径")
