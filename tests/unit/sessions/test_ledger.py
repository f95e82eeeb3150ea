"""Records on disk: appended, never lost, never overwritten."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.model.session_results import Answer, Attempt, Sheet, Ticks, Turned
from grader.model.text import Text
from grader.sessions.ledger import Ledger, decode, encode
from tests.unit.sessions.test_collect import make_judged

ATTEMPT = Attempt(
    candidate="ada",
    name="Ada \udc80 \N{SNOWMAN}",
    archive="ada.zip",
    digest="sha256:1",
    at="2026-11-22T10:00:00+00:00",
    answers={1: Answer(given="B", score=None, note="unclear")},
    essays={6: "words\nand words"},
    minutes={1: 2.5},
    missing=(5,),
    notes=(Text(en="note", zh="提示"),),
)
SHEET = Sheet(
    candidate="ada",
    interviewer="Lin",
    at="2026-11-22T10:00:00+00:00",
    questions={6: Ticks(criteria={"one": 0.5}, red_flags=(1,), minutes=9.0, note="x")},
)
TURNED = Turned(archive="bo.zip", reason=Text(en="no", zh="不"), at="2026-11-22T10:00:00+00:00")


@pytest.mark.parametrize("record", [ATTEMPT, SHEET, TURNED, make_judged("ada", 5)], ids=lambda r: type(r).__name__)
def test_a_record_comes_back(record: object) -> None:
    """Every kind of record survives the file, numbers as keys and lone surrogates included."""
    assert decode(encode(record)) == record  # type: ignore[arg-type]


def test_records_are_appended(tmp_path: Path) -> None:
    """A second run adds to what the first wrote."""
    for record in (ATTEMPT, SHEET):
        with Ledger(tmp_path / "results.jsonl") as ledger:
            ledger.add(record)
    assert Ledger(tmp_path / "results.jsonl").records == [ATTEMPT, SHEET]


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    """What a killed process left half-written is skipped, counted and kept apart from the next line."""
    path = tmp_path / "results.jsonl"
    path.write_bytes(encode(ATTEMPT) + b"\n" + encode(SHEET)[:40])
    with Ledger(path) as ledger:
        assert (ledger.records, ledger.torn) == ([ATTEMPT], 1)
        ledger.add(TURNED)
    again = Ledger(path)
    assert (again.records, again.torn) == ([ATTEMPT, TURNED], 1)


@pytest.mark.parametrize(
    "line", [b"{}", b"[]", b"null", b'{"kind": "verdict"}', b'{"kind": "x"}', b"\xff", b"[" * 9999]
)
def test_a_line_that_is_no_record(line: bytes) -> None:
    """Whatever a line holds, reading it returns."""
    assert decode(line) is None


class FullDisk:
    """A file of which only the first bytes find room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def write(self, data: memoryview) -> int:
        if len(self.taken) >= self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = bytes(data)[: self.room - len(self.taken)]
        self.taken += part
        return len(part)

    def close(self) -> None:
        """Nothing is held back."""


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """A record that finds no room is an error with a way on; what was on the disk before can be read."""
    path = tmp_path / "results.jsonl"
    with Ledger(path) as ledger:
        ledger.add(ATTEMPT)
        ledger._file.close()
        ledger._file = FullDisk(40)
        with pytest.raises(UsageError, match="make room, and run the command again"):
            ledger.add(SHEET)
    path.write_bytes(path.read_bytes() + encode(SHEET)[:40])
    assert (Ledger(path).records, Ledger(path).torn) == ([ATTEMPT], 1)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second command that would write is told to wait."""
    path = tmp_path / "results.jsonl"
    with Ledger(path), pytest.raises(UsageError, match="in use by another"), Ledger(path):
        pass
