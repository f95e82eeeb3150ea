"""The gate that a stranger's pack passes: regular files of a bearable size, and nothing that leads elsewhere.

Everything that reads a pack (entries, statements, suites, references, notes) comes after it, so none of them follows a
link to a private file, waits for a pipe or reads gigabytes. The pack that comes with the product is not looked at: an
installer may build it of links.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.errors import ContentError
from grader.files import kind_of

MAX_FILE_BYTES = 4 * 1024**2
MAX_BYTES = 512 * 1024**2
MAX_FILES = 100_000
MAX_DEPTH = 16
PARTS = ("bank", "exercises", "reference", "docs")


def require_plain(root: Path) -> None:
    """Raise ContentError, which names the first thing that a pack must not hold."""
    for _ in plain_files(root):
        pass


def plain_files(root: Path) -> Iterator[Path]:
    """Every file of a pack that is read. Raises ContentError at the first thing that a pack must not hold."""
    total = 0
    for count, (path, status) in enumerate(_all_in(root)):
        is_file = not stat.S_ISDIR(status.st_mode)
        if is_file:
            _check(path, status)
            total += status.st_size
        if total > MAX_BYTES or count > MAX_FILES:
            problem = f"the pack has more than {MAX_BYTES // 1024**2} MB or {MAX_FILES} files"
            raise ContentError(root, "", problem, "split it")
        if is_file:
            yield path


def _check(path: Path, status: os.stat_result) -> None:
    kind = kind_of(status.st_mode)
    if kind:
        raise ContentError(path, "", kind, "put a copy of the file there: a pack holds regular files only")
    if status.st_size > MAX_FILE_BYTES:
        raise ContentError(path, "", f"it is larger than {MAX_FILE_BYTES // 1024**2} MB", "make it smaller")


def _all_in(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below the folders of a pack that are read, with what it is itself, not what it leads to."""
    waiting = [(root / part, 0) for part in PARTS if os.path.lexists(root / part)]
    while waiting:
        path, depth = waiting.pop()
        try:
            status = path.lstat()
            is_read = stat.S_ISDIR(status.st_mode) and path.name != "__pycache__"
            below = sorted(path.iterdir()) if is_read else []
        except OSError as error:
            raise ContentError(path, "", f"it cannot be read ({error.strerror})", "mend its permissions") from error
        if below and depth == MAX_DEPTH:
            raise ContentError(path, "", f"folders are nested deeper than {MAX_DEPTH}", "move it up")
        waiting += [(child, depth + 1) for child in below]
        yield path, status
