"""Reading a person's file and writing one: never waited for, never larger than it may be, whole or not at all.

A path may lead to a pipe that nobody writes, a device, a file of terabytes that holds nothing, or a link to something
private. `OddFile` is an OSError whose `strerror` says which, so whoever explains why a file cannot be read explains
this as well.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import re
import stat
import tempfile
from pathlib import Path

LARGEST = 64 * 1024**2  # bytes of a file that a person hands in
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# In each of these an ASCII byte outside of a longer character is that character: what is looked at is what is meant.
_DECLARABLE = frozenset(
    "gbk gb2312 gb18030 big5 big5hkscs cp950 iso8859-1 iso8859-15 cp1252 cp1251 koi8-r euc_jp shift_jis cp932 euc_kr "
    "cp949".split()
)
_OWN_STREAMS = ("/dev/fd/", "/proc/self/fd/", "/dev/stdout", "/dev/stderr")
_QUIET = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class OddFile(OSError):
    """Something that is no file to be read, or to be written, here."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(errno.EINVAL, reason, str(path))


def read_file(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of a regular file, also behind a link. Raises OSError, and reads no more than one byte too many."""
    if str(path).startswith(_OWN_STREAMS):  # `<(command)` of a shell: a pipe that is being written
        return _capped(path, os.open(path, os.O_RDONLY), most)
    descriptor = os.open(path, os.O_RDONLY | _QUIET)
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, descriptor)
        status = os.fstat(descriptor)
        _refuse_odd(path, status.st_mode)
        if status.st_size > most:
            raise _too_large(path, most)
        stack.pop_all()
    return _capped(path, descriptor, most)


def read_text(path: Path, most: int = LARGEST, encoding: str = "utf-8") -> str:
    """The same as text; raises UnicodeDecodeError too."""
    return read_file(path, most).decode(encoding)


def decode_text(data: bytes) -> str | None:
    """What a person wrote, as text: UTF-8, UTF-16 with its mark, or GB18030 (and so GBK); None for anything else."""
    encodings = ("utf-16",) if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return None


def decode_source(data: bytes) -> str:
    """Python source as text: UTF-8, else the encoding that its first two lines declare (PEP 263), if it is common.

    Raises UnicodeDecodeError for the first byte that does not fit; its `encoding` says what was tried.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _declared(data)
        if declared is None:
            raise
        return data.decode(declared)


def _declared(data: bytes) -> str | None:
    """The encoding that source declares; None for none, and for one that could hide what the source says."""
    for line in data.split(b"\n", 2)[:2]:
        match = _COOKIE.match(line)
        if match:
            with contextlib.suppress(LookupError):
                name = codecs.lookup(match[1].decode("ascii")).name
                return name if name in _DECLARABLE else None
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
    return None


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; where the path leads to a terminal or a stream of ours, write to that.

    Raises OSError for what is neither, and never waits for somebody to open the other end.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if stat.S_ISREG(mode):
        _write_whole(path.resolve(), data)
    else:
        _write_through(path, mode, data)


def write_text(path: Path, text: str) -> None:
    """The same for text, as UTF-8; lone surrogates become visible."""
    write_file(path, text.encode("utf-8", "backslashreplace"))


def kind_of(mode: int) -> str:
    """What something that is no regular file is called; empty for one."""
    kinds = {
        stat.S_IFDIR: "it is a folder",
        stat.S_IFLNK: "it is a symbolic link",
        stat.S_IFIFO: "it is a pipe",
        stat.S_IFSOCK: "it is a socket",
        stat.S_IFCHR: "it is a device",
        stat.S_IFBLK: "it is a device",
    }
    return kinds.get(stat.S_IFMT(mode), "")


def _capped(path: Path, descriptor: int, most: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise _too_large(path, most)
    return data


def _refuse_odd(path: Path, mode: int) -> None:
    kind = kind_of(mode)
    if kind:
        raise OddFile(path, kind)


def _too_large(path: Path, most: int) -> OddFile:
    size = f"{most // 1024**2} MB" if most >= 1024**2 else f"{most // 1024} KB"
    return OddFile(path, f"it is larger than {size}")


def _write_whole(path: Path, data: bytes) -> None:
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    except PermissionError:
        if not path.exists():
            raise
        _write_in_place(path, data)  # the file is ours, its folder is not
        return
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        _take_over_mode(Path(name), path)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _write_in_place(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | _QUIET), "wb") as file:
        file.write(data)


def _take_over_mode(new: Path, old: Path) -> None:
    """The permissions of the file that is replaced, else those of any new file: temporary ones are private."""
    try:
        mode = stat.S_IMODE(old.stat().st_mode)
    except OSError:
        mask = os.umask(0o077)
        os.umask(mask)
        mode = 0o666 & ~mask
    new.chmod(mode)


def _write_through(path: Path, mode: int, data: bytes) -> None:
    is_own = str(path).startswith(_OWN_STREAMS)
    if not is_own and not stat.S_ISCHR(mode):
        _refuse_odd(path, mode)
    descriptor = os.open(path, os.O_WRONLY | (0 if is_own else _QUIET))
    with os.fdopen(descriptor, "wb") as file:
        if not is_own and not os.isatty(descriptor) and str(path) not in (os.devnull, "/dev/full"):
            raise OddFile(path, "it is a device")
        file.write(data)
