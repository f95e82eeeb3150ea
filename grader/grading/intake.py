"""From a path to a submission, or to the reason why it is not graded.

What a person handed in is untrusted before it is run, too: it may be a pipe that blocks the reader, a link to
somebody else's file, or source that is built to exhaust the parser. A fault of the submission is a `Rejection`, a
value; a path that we cannot use is a `UsageError`.

The text is only parsed, never compiled: nested `finally` blocks, legal and a few hundred bytes long, make the
compiler's work double with every level. A CPython parser since 3.11 bounds its own nesting (200 brackets, 100
indents, a fixed stack of rules that fits in 1 MiB), so that a bomb ends in an exception.
"""

from __future__ import annotations

import ast
import hashlib
import os
import stat
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import UsageError, unreadable
from grader.grading.name_resolution import bound_names
from grader.grading.policy import Finding, find_forbidden, is_native
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Text

Reason = Literal[
    "not_a_file",
    "symlink",
    "too_large",
    "encoding",
    "null_byte",
    "too_complex",
    "syntax",
    "empty",
    "missing_entry_point",
    "forbidden",
]

# Deeper than code that people write (about 25), and shallow enough for a recursive walk in Python.
MAX_DEPTH = 200
# Names whose use may define others while the module runs, so that nothing can be said about what is missing.
_DYNAMIC = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "setattr", "__dict__", "modules", "__builtins__", "__getattr__", "*"}
)
# Never wait for a pipe's other end, never follow a link, never adopt a terminal. Not every system has every flag.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a submission is not run: the submission's fault, to be told to the person who handed it in.

    `digest` is over the bytes that were read: none of what is not a file, and the first `limit + 1` of a larger one.
    """

    name: str
    reason: Reason
    message: Text
    digest: str


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
    submission must compile `Submission.source`, the text that was checked here, and not the bytes.
    """
    if len(data) > _max_bytes(exercise):
        return _reject(name, "too_large", data, limit=exercise.limits.source_kb)
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _reject(name, "encoding", data, offset=error.start)
    if "\0" in source:
        return _reject(name, "null_byte", data, line=source[: source.index("\0")].count("\n") + 1)
    try:
        tree = _parse(source)
        return _refuse_tree(name, data, tree, exercise) or Submission(name=name, source=source)
    except SyntaxError as error:
        line, column, problem = error.lineno or 1, max(1, error.offset or 1), printable(error.msg)[:200]
        return _reject(name, "syntax", data, line=line, column=column, problem=problem)
    except (ValueError, MemoryError, RecursionError, OverflowError):
        return _reject(name, "too_complex", data)


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape, say: the candidate's business, and not on our stderr
        return ast.parse(source, filename="<submission>")


def _refuse_kind(name: str, mode: int) -> Rejection | None:
    if stat.S_ISREG(mode):
        return None
    return _reject(name, "symlink" if stat.S_ISLNK(mode) else "not_a_file", b"")


def _refuse_tree(name: str, data: bytes, tree: ast.Module, exercise: Exercise) -> Rejection | None:
    if not tree.body:
        return _reject(name, "empty", data)
    if _is_too_deep(tree):
        return _reject(name, "too_complex", data)
    missing = [f"`{entry}`" for entry in exercise.entry_points if not _may_define(tree, entry)]
    if missing:
        return _reject(name, "missing_entry_point", data, names=", ".join(missing), names_zh="、".join(missing))
    finding = next(iter(find_forbidden(tree, exercise.forbid, native=exercise.native)), None)
    return _refuse_use(name, data, finding) if finding else None


def _refuse_use(name: str, data: bytes, finding: Finding) -> Rejection:
    message = _NATIVE if is_native(finding.name) else _MESSAGES["forbidden"]
    text = message.filled(name=name, what=printable(finding.name), line=finding.line)
    return Rejection(name=name, reason="forbidden", message=text, digest=_digest(data))


def _is_too_deep(tree: ast.Module) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _may_define(tree: ast.Module, entry: str) -> bool:
    """Whether the module may hold `entry` once it has run; False only if it certainly does not."""
    return entry in bound_names(tree.body) or any(_may_bind(node, entry) for node in ast.walk(tree))


def _may_bind(node: ast.AST, entry: str) -> bool:
    match node:
        case ast.Global(names=names):
            return entry in names
        case ast.Attribute(attr=name, ctx=ast.Store()) if name == entry:
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.FunctionDef(name=name):
            return name in _DYNAMIC
    return False


def _max_bytes(exercise: Exercise) -> int:
    return exercise.limits.source_kb * 1024


def printable(text: str) -> str:
    """`text` with escapes for what could move a cursor or reverse a line; file names come from strangers."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _unreadable(name: str, error: OSError | ValueError) -> UsageError:
    cause = printable(getattr(error, "strerror", None) or str(error))
    return unreadable(name, cause, "give a path that you may read", "请给出你有权读取的路径")


def _reject(name: str, reason: Reason, data: bytes, **fields: str | int) -> Rejection:
    message = _MESSAGES[reason].filled(name=name, **fields)
    return Rejection(name=name, reason=reason, message=message, digest=_digest(data))


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


_MESSAGES: dict[Reason, Text] = {
    "not_a_file": Text(
        en="{name} is not a regular file; hand in one Python source file.",
        zh="{name} 不是普通文件；请提交一个 Python 源文件。",
    ),
    "symlink": Text(
        en="{name} is a symbolic link, and links among submissions are not followed; hand in the file itself.",
        zh="{name} 是符号链接，而评分时不会跟随提交内容中的链接；请直接提交文件本身。",
    ),
    "too_large": Text(
        en="{name} is larger than {limit} KiB; shorten the code and keep data out of it.",
        zh="{name} 超过了 {limit} KiB 的上限；请精简代码，也不要把数据写进源文件。",
    ),
    "encoding": Text(
        en="{name} is not UTF-8 text (the byte at offset {offset} does not fit); save it as UTF-8.",
        zh="{name} 不是 UTF-8 文本（偏移 {offset} 处的字节无法解码）；请另存为 UTF-8 编码。",
    ),
    "null_byte": Text(
        en="{name} has a null byte on line {line}; remove it, or save the file again as plain UTF-8 text.",
        zh="{name} 第 {line} 行含有空字节（NUL）；请删除它，或把文件重新保存为 UTF-8 纯文本。",
    ),
    "too_complex": Text(
        en="{name} is nested too deeply to be checked; split its deepest expression or block into functions.",
        zh="{name} 嵌套过深，无法检查；请把嵌套最深的表达式或代码块拆成函数。",
    ),
    "syntax": Text(
        en="{name} has a syntax error on line {line}, column {column} ({problem}); correct it and hand it in again.",
        zh="{name} 第 {line} 行第 {column} 列有语法错误（{problem}）；请改正后重新提交。",
    ),
    "empty": Text(
        en="{name} holds no code; write your solution in it, starting from the stub.",
        zh="{name} 里没有代码；请从模板出发，写出你的解答。",
    ),
    "missing_entry_point": Text(
        en="{name} lacks {names}; define every name that the statement asks for at the top level of the file.",
        zh="{name} 缺少 {names_zh}；请在文件顶层定义题目要求的每个名称。",
    ),
    "forbidden": Text(
        en="{name} uses `{what}` on line {line}, which this exercise forbids; write that part yourself.",
        zh="{name} 第 {line} 行使用了本题禁用的 `{what}`；请自己实现这一部分。",
    ),
}
_NATIVE = Text(
    en="{name} uses `{what}` on line {line}, which can load native code, and this exercise forbids that; "
    "write your solution in Python.",
    zh="{name} 第 {line} 行使用了 `{what}`，它可以加载本机代码，而本题禁止这样做；请用 Python 写出你的解答。",
)
