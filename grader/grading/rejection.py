"""Why a submission is not run, as a value with one sentence in each language."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from typing import Literal

from grader.grading.examination import MAX_TEXT, Answer
from grader.grading.forbidden_names import is_native
from grader.model.exercise import Exercise
from grader.model.text import Text

_PYTHON = ".".join(platform.python_version_tuple()[:2])
Reason = Literal[
    "not_a_file",
    "symlink",
    "too_large",
    "too_large_together",
    "too_many_modules",
    "notebook",
    "archive",
    "encoding",
    "null_byte",
    "too_complex",
    "syntax",
    "empty",
    "missing_entry_point",
    "forbidden",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a submission is not run: the submission's fault, to be told to the person who handed it in.

    `digest` is over the bytes that were read: none of what is not a file, and the first `limit + 1` of a larger one.
    """

    name: str
    reason: Reason
    message: Text
    digest: str


def reject(name: str, reason: Reason, data: bytes, **fields: str | int) -> Rejection:
    """A rejection; `fields` are what the sentence for `reason` leaves open."""
    return _rejection(name, reason, data, _MESSAGES[reason], **fields)


def refuse_found(name: str, data: bytes, exercise: Exercise, answer: Answer) -> Rejection | None:
    """The rejection for what an examination found, if anything."""
    match answer.found:
        case "nothing":
            return None
        case "too_deep":
            return reject(name, "too_complex", data)
        case "too_complex":
            return _rejection(name, "too_complex", data, _TOO_MUCH_WORK)
        case "empty":
            return reject(name, "empty", data)
        case "syntax":
            problem = printable(answer.text)[:MAX_TEXT]
            where = {"line": answer.line, "column": answer.column}
            return reject(name, "syntax", data, **where, problem=problem, python=_PYTHON)
        case "missing_entry_point":
            missing = [f"`{exercise.entry_points[place]}`" for place in answer.missing]
            return reject(name, "missing_entry_point", data, names=", ".join(missing), names_zh="、".join(missing))
        case "forbidden":
            message = _NATIVE if is_native(answer.text) else _MESSAGES["forbidden"]
            return _rejection(name, "forbidden", data, message, what=printable(answer.text), line=answer.line)


def printable(text: str) -> str:
    """`text` with escapes for what could move a cursor or reverse a line; file names come from strangers."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _rejection(name: str, reason: Reason, data: bytes, message: Text, **fields: str | int) -> Rejection:
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    return Rejection(name=name, reason=reason, message=message.filled(name=name, **fields), digest=digest)


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
    "too_large_together": Text(
        en="{name} and what was handed in with it are larger than {limit} KiB together; shorten the code and keep data "
        "out of it.",
        zh="{name} 与一并提交的文件合计超过了 {limit} KiB 的上限；请精简代码，也不要把数据写进源文件。",
    ),
    "too_many_modules": Text(
        en="{name} imports more than {limit} files of its folder; put what it needs into fewer.",
        zh="{name} 从所在目录导入的文件超过了 {limit} 个；请把所需内容合并到较少的文件中。",
    ),
    "notebook": Text(
        en="{name} is not a notebook that Jupyter can open ({problem}); save it again, or hand in a Python file.",
        zh="{name} 不是 Jupyter 能打开的 notebook（{problem}）；请重新保存，或提交 Python 文件。",
    ),
    "archive": Text(
        en="{name} is an archive; unpack it, and hand in the Python file or the notebook in it.",
        zh="{name} 是压缩包；请解压后提交其中的 Python 文件或 notebook。",
    ),
    "encoding": Text(
        en="{name} is not {encoding} text (byte {byte} on line {line} does not fit); save it as UTF-8.",
        zh="{name} 不是 {encoding} 文本（第 {line} 行的字节 {byte} 无法解码）；请另存为 UTF-8 编码。",
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
        en="{name} has a syntax error on line {line}, column {column} ({problem}, in Python {python}); "
        "correct it and hand it in again.",
        zh="{name} 第 {line} 行第 {column} 列有语法错误（{problem}，Python {python}）；请改正后重新提交。",
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
_TOO_MUCH_WORK = Text(
    en="{name} takes too much work to be checked; write it with shorter expressions and fewer meanings of one name.",
    zh="检查 {name} 所需的工作量过大；请缩短表达式，并减少同一名称的不同含义。",
)
