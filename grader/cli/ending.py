"""How a command ends when something of ours, or of the machine, fails: one sentence and a status that is no verdict.

Only the standard library is imported, so that even a command that cannot be imported ends like this. `VIVA_DEBUG=1`
shows the traceback.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import sys
from typing import Literal, NoReturn, TextIO

from grader.cli.exit_status import OUR_ERROR
from grader.cli.sentences import LEAST_COLUMNS, folded

DEBUG = "VIVA_DEBUG"
_MOST = 10_000
_CLOSED = (
    "standard output is closed, so nothing can be shown; open it, or use `> FILE`",
    "标准输出已关闭，无法显示结果；请打开它，或用 `> FILE`",
)
_GONE = ("the folder where you stand is gone; go to another one with cd", "当前所在的目录已不存在；请用 cd 换到别处")
_MEMORY = (
    "there is not enough memory; close other programs, or grade fewer at a time",
    "内存不足；请关闭其他程序，或减少同时判题的数量",
)
_DEEP = (
    "something is nested too deeply to be read; look for it in what you gave",
    "嵌套太深，无法读取；请检查给出的文件",
)
_ADVICE = {
    errno.ENOSPC: ("make room and try again", "请腾出空间后再试"),
    errno.EDQUOT: ("make room and try again", "请腾出空间后再试"),
    errno.EACCES: ("mend its permissions and try again", "请修正其权限后再试"),
    errno.EPERM: ("mend its permissions and try again", "请修正其权限后再试"),
    errno.EROFS: ("name a place that can be written", "请指定可写的位置"),
    errno.EMFILE: ("raise `ulimit -n` and try again", "请调高 `ulimit -n` 后再试"),
}
_DEBUG_ADVICE = (f"{DEBUG}=1 shows where", f"用 {DEBUG}=1 可看到出错的位置")


def fail(error: BaseException, lang: Literal["en", "zh"] = "en") -> NoReturn:
    """End because of an exception that nobody has explained."""
    if _is_cut_off(error):
        leave()
    if os.environ.get(DEBUG):
        import traceback

        with contextlib.suppress(OSError, ValueError):
            traceback.print_exception(error, file=sys.stderr)
    complain(_sentence(error)[lang == "zh"])


def complain(sentence: str, notes: tuple[str, ...] = ()) -> NoReturn:
    """End with a sentence, and lines below it, on standard error."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        lines = [f"viva: {_one_line(sentence)}", *(f"      {_one_line(note)}" for note in notes)]
        print(
            *(part for line in (lines if sentence else lines[1:]) for part in folded(line, sys.stderr)),
            sep="\n",
            file=sys.stderr,
            flush=True,
        )
    leave()


def leave(status: int = OUR_ERROR) -> NoReturn:
    """End with `status`; what cannot be flushed any more does not change it, and says nothing."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            _silence(stream)
    sys.exit(status)


def open_streams() -> None:
    """Have all three standard streams, so that no file that is opened later takes their place."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for as long as we run
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the same
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the same
        complain(_CLOSED[0])


def forget_widths() -> None:
    """Go by the terminal where COLUMNS or LINES hold no size of a screen: with none, nothing at all would be shown."""
    for name, least in (("COLUMNS", LEAST_COLUMNS), ("LINES", 1)):
        said = os.environ.get(name, "")
        if name in os.environ and not (said.isascii() and said.isdigit() and least <= int(said[:5]) < _MOST):
            del os.environ[name]


def _is_cut_off(error: BaseException) -> bool:
    """Whether `error` came because the reader of our output has gone, as in `viva list | head -1`."""
    return isinstance(error, BrokenPipeError) and any(map(_has_no_reader, (sys.stdout, sys.stderr)))


def _has_no_reader(stream: TextIO) -> bool:
    try:
        descriptor = stream.fileno()
        if os.fstat(descriptor).st_rdev == os.stat(os.devnull).st_rdev:  # noqa: PTH116 - where rich leads it then
            return True
        poll = select.poll()
        poll.register(descriptor, 0)
        return bool(poll.poll(0))
    except (OSError, ValueError, AttributeError):  # closed, or a system that cannot be asked
        return True


def _silence(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or the interpreter tries again when it ends and changes the status."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _sentence(error: BaseException) -> tuple[str, str]:
    """What went wrong and what to do, in English and in Chinese."""
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, RecursionError):
        return _DEEP
    if isinstance(error, OSError) and error.errno:
        return _GONE if _stands_nowhere(error) else _of_system(error)
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"a fault of ours: {words}; {_DEBUG_ADVICE[0]}", f"viva 自身出错：{words}；{_DEBUG_ADVICE[1]}"


def _of_system(error: OSError) -> tuple[str, str]:
    english, chinese = _ADVICE.get(error.errno or 0, _DEBUG_ADVICE)
    reason = error.strerror or type(error).__name__
    if error.filename is None:
        return f"the system refused to go on ({reason}); {english}", f"系统拒绝继续（{reason}）；{chinese}"
    name = os.fsdecode(error.filename) if isinstance(error.filename, bytes) else error.filename
    return f"{name} cannot be used ({reason}); {english}", f"无法使用 {name}（{reason}）；{chinese}"


def _stands_nowhere(error: OSError) -> bool:
    if error.errno != errno.ENOENT:
        return False
    try:
        os.getcwd()  # noqa: PTH109 - only whether there is one
    except OSError:
        return True
    return False


def _one_line(text: str) -> str:
    """A sentence may quote what strangers wrote: it stays one line and moves no cursor."""
    from grader.report.escaping import for_terminal

    return for_terminal(text, sys.stderr.encoding or "utf-8").replace("\n", " ")
