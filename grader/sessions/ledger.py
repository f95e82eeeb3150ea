"""`results.jsonl`: everything that was recorded about a session, one JSON document a line, only ever appended.

Each line is on the disk before the next is made. A line that an interrupted write tore is left where it is and passed
over when it is read; the next one begins on a line of its own. One writer at a time holds the file's lock.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import UsageError, unreadable, unwritable
from grader.files import read_file
from grader.model.session_results import Attempt, Correction, Judged, Record, Sheet, Turned
from grader.report.as_json import from_document, to_document

NAME = "results.jsonl"
_KINDS: dict[str, type[Attempt] | type[Sheet] | type[Turned] | type[Correction]] = {
    "attempt": Attempt,
    "rubric": Sheet,
    "refused": Turned,
    "correction": Correction,
}

MAX_BYTES = 4 * 1024**3


class Ledger:
    """The records of one session, and a place to add more; use it as a context to write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        self.records: list[Record] = self._read()
        self._file: Any = None

    def __enter__(self) -> Self:
        try:
            self._file = self.path.open("ab", buffering=0)
            self._lock()
        except OSError as error:
            raise unwritable(self.path, error.strerror, "mend its permissions", "请修正其权限") from error
        size = self.path.stat().st_size
        if size and not self._ends_a_line(size):
            self._write(b"\n")
        self.records = self._read()  # another command may have written until we held the lock
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, record: Record) -> None:
        """Append one record, and wait until it is on the disk. Raises UsageError when the disk does not take it."""
        self._write(encode(record) + b"\n")
        self.records.append(record)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:  # unbuffered: one call may take a part only
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise unwritable(
                self.path,
                error.strerror,
                "make room, and run the command again: it goes on where it was",
                "请腾出空间后重新运行，它会从中断处继续",
            ) from error

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows: grading needs Linux or macOS anyway
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise UsageError(
                f"{self.path} is in use by another `viva session grade`; wait until it ends",
                f"{self.path} 正被另一个 `viva session grade` 使用；请等它结束",
            ) from error

    def _ends_a_line(self, size: int) -> bool:
        with self.path.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) == b"\n"

    def _read(self) -> list[Record]:
        self.torn = 0
        if not self.path.exists():
            return []
        try:
            lines = read_file(self.path, MAX_BYTES).split(b"\n")
        except OSError as error:
            raise unreadable(self.path, error.strerror, "mend its permissions", "请修正其权限") from error
        records = []
        for line in lines:
            record = decode(line) if line.strip() else None
            if record is not None:
                records.append(record)
            elif line.strip():
                self.torn += 1
        return records


def encode(record: Record) -> bytes:
    """One line without its end."""
    import msgspec

    if isinstance(record, Judged):
        plain = ("candidate", "question", "file_digest", "source", "suite_then", "at")
        body = {name: getattr(record, name) for name in plain} | {"verdict": to_document(record.verdict)}
        kind = "verdict"
    else:
        body = msgspec.to_builtins(record, str_keys=True)
        kind = next(name for name, cls in _KINDS.items() if isinstance(record, cls))
    text = json.dumps({"kind": kind, **body}, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def decode(line: bytes) -> Record | None:
    """The record of a line; None for a line that is not one, whatever it holds."""
    import msgspec

    try:
        body = json.loads(line)
        kind = body.pop("kind")
        if kind == "verdict":
            return Judged(**{**body, "verdict": from_document(body["verdict"])})
        return msgspec.convert(body, _KINDS[kind], strict=False)
    except (ValueError, KeyError, TypeError, AttributeError, UsageError, msgspec.ValidationError, RecursionError):
        return None
