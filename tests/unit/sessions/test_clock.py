"""The clock on the candidate's machine, and what of it is believed when it comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.model.session import Session
from grader.sessions.bundle import candidate_files
from grader.sessions.clock import (
    CLOCK,
    INTERVIEW,
    find_folder,
    minutes_left,
    read_returned,
    read_sitting,
    started,
    stopped,
)

NOW = datetime(2026, 11, 30, 9, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def folder(tmp_path: Path, session: Session) -> Path:
    """A bundle as a candidate unpacked it."""
    root = tmp_path / "unpacked"
    root.mkdir()
    (root / INTERVIEW).write_bytes(candidate_files(session, "en", live=False)[INTERVIEW])
    return root


def test_it_goes_on_from_its_start(folder: Path) -> None:
    """Asked again, by another process and after whatever happened between, it counts from the first time."""
    assert minutes_left(started(read_sitting(folder), NOW), NOW) == 60
    again = started(read_sitting(folder), LATER)
    assert minutes_left(again, LATER) == 40
    assert json.loads((folder / CLOCK).read_text())["started"] == "2026-11-30T09:00:00+00:00"


def test_it_says_that_time_is_over(folder: Path) -> None:
    """After the end what is left is below 0."""
    started(read_sitting(folder), NOW)
    assert minutes_left(read_sitting(folder), NOW + timedelta(minutes=65)) == -5


def test_a_stopped_clock_stands(folder: Path) -> None:
    """What was left when it was stopped stays; stopping again, after more work, moves the end."""
    started(read_sitting(folder), NOW)
    stopped(read_sitting(folder), LATER)
    assert minutes_left(started(read_sitting(folder), LATER + timedelta(hours=9)), LATER + timedelta(hours=9)) == 40
    later = stopped(read_sitting(folder), LATER + timedelta(minutes=5))
    assert later.clock is not None
    assert later.clock.minutes == 25


def test_what_was_not_started_is_not_stopped(folder: Path) -> None:
    """It says how to start it, and writes nothing."""
    with pytest.raises(UsageError, match="never started; start it with `viva session open"):
        stopped(read_sitting(folder), NOW)
    assert not (folder / CLOCK).exists()


def test_a_machine_that_went_back_in_time(folder: Path) -> None:
    """A clock that stands before the start is to be set right; the start is kept."""
    started(read_sitting(folder), NOW)
    before = (folder / CLOCK).read_bytes()
    for act in (started, stopped):
        with pytest.raises(UsageError, match="yet to come"):
            act(read_sitting(folder), NOW - timedelta(hours=1))
    assert (folder / CLOCK).read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{",
        b'{"schema": "viva.clock/1"}',
        b'{"schema": "viva.clock/1", "session": "a", "started": "yesterday"}',
        b'{"schema": "viva.clock/1", "session": "a", "started": "2026-11-30T09:00:00"}',
        b"[" * 3000,
        b"\xff\xfe",
    ],
)
def test_a_damaged_clock_is_kept(folder: Path, damage: bytes) -> None:
    """It is told by name and never written over."""
    (folder / CLOCK).write_bytes(damage)
    with pytest.raises(UsageError, match=r"clock\.json"):
        read_sitting(folder)
    assert (folder / CLOCK).read_bytes() == damage


@pytest.mark.parametrize("minutes", [0, -1, 10**9, "60", None, True])
def test_a_damaged_interview(folder: Path, minutes: object) -> None:
    """A length that is none is told with the file's name."""
    text = json.dumps({"schema": "viva.interview/1", "session": "abcdef", "minutes": minutes})
    (folder / INTERVIEW).write_text(text)
    with pytest.raises(UsageError, match=r"interview\.json is damaged"):
        read_sitting(folder)


def test_which_folder_is_meant(tmp_path: Path, folder: Path) -> None:
    """The folder itself, or the only one in it; of several one must be named."""
    assert find_folder(folder) == find_folder(tmp_path) == folder
    other = tmp_path / "other"
    other.mkdir()
    assert find_folder(other) is None
    (other / INTERVIEW).write_bytes((folder / INTERVIEW).read_bytes())
    with pytest.raises(UsageError, match="holds 2 interviews"):
        find_folder(tmp_path)


def returned(frozen: Session, **changes: object) -> bytes:
    """A clock that ran for 20 minutes, with fields changed."""
    document = {
        "schema": "viva.clock/1",
        "session": frozen.code,
        "started": "2026-11-30T09:00:00+00:00",
        "ended": "2026-11-30T09:20:00+00:00",
    }
    return json.dumps({**document, **changes}).encode()


def test_an_honest_clock_counts(session: Session) -> None:
    """Its minutes are those from start to end, in whatever zone they were written."""
    for end in ("2026-11-30T09:20:00+00:00", "2026-11-30T17:20:00+08:00"):
        clock, note = read_returned(returned(session, ended=end), session, LATER)
        assert note is None
        assert clock is not None
        assert clock.minutes == 20
        assert clock.ended == "2026-11-30T09:20:00+00:00"
    assert read_returned(None, session, LATER) == (None, None)


def test_a_clock_that_was_never_stopped(session: Session) -> None:
    """Its start is known, its time is not, and a note says so."""
    clock, note = read_returned(returned(session, ended=None), session, LATER)
    assert clock is not None
    assert clock.minutes is None
    assert note is not None
    assert "never stopped" in note.en
    assert "没有停止" in note.zh


@pytest.mark.parametrize(
    "changes",
    [
        {"session": "000000"},
        {"schema": "viva.clock/9"},
        {"ended": "2026-11-30T08:59:00+00:00"},
        {"ended": "2126-11-30T09:00:00+00:00"},
        {"started": "2036-11-30T09:00:00+00:00", "ended": "2036-11-30T09:01:00+00:00"},
        {"started": "0001-01-01T00:00:00+14:00"},
        {"started": "2026-11-30T09:00:00"},
        {"started": ["2026-11-30T09:00:00+00:00"]},
        {"started": 5},
        {"started": "\u202e" * 50},
        {"padding": "x" * 5000},
    ],
)
def test_a_forged_clock_does_not_count(session: Session, changes: dict[str, object]) -> None:
    """Another interview's, backwards, from the future, absurdly long or no clock at all: a note, and no time."""
    clock, note = read_returned(returned(session, **changes), session, LATER)
    assert clock is None
    assert note is not None
    assert note.en.startswith("clock.json is not counted: ")
    assert note.zh.startswith("clock.json 未计入：")


@pytest.mark.parametrize("data", [b"", b"\xff", b"null", b"[" * 4000, b"{}", b'"x"', b"1e999", b"NaN"])
def test_noise_instead_of_a_clock(session: Session, data: bytes) -> None:
    """Whatever stands in the file, it is a note."""
    clock, note = read_returned(data, session, LATER)
    assert clock is None
    assert note is not None


def test_the_bundle_says_how_long(session: Session) -> None:
    """`interview.json` holds the code and the minutes, and nothing else."""
    longer = replace(session, minutes=75)
    document = json.loads(candidate_files(longer, "zh", live=True)[INTERVIEW])
    assert document == {"schema": "viva.interview/1", "session": session.code, "minutes": 75}
