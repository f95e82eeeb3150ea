"""A person's files: never waited for, never larger than they may be, whole or not at all."""

from __future__ import annotations

import os
import pty
import threading
from pathlib import Path

import pytest

from grader.files import OddFile, read_file, write_file


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """Nobody holds its other end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OddFile, match="it is a pipe"):
        read_file(pipe)
    with pytest.raises(OddFile, match="it is a pipe"):
        write_file(pipe, b"x")


def test_a_pipe_behind_a_link_is_refused_too(tmp_path: Path) -> None:
    """A link to a file is the person's own; what it leads to counts."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(OddFile):
        read_file(tmp_path / "link")
    with pytest.raises(OddFile):
        write_file(tmp_path / "link", b"x")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/random"])
def test_devices_are_neither_read_nor_written(device: str) -> None:
    """They have no end."""
    with pytest.raises(OddFile, match="it is a device"):
        read_file(Path(device))
    with pytest.raises(OddFile, match="it is a device"):
        write_file(Path(device), b"x")


def test_a_file_over_the_cap_is_not_read(tmp_path: Path) -> None:
    """Three gigabytes that hold nothing."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(3 * 1024**3)
    with pytest.raises(OddFile, match="larger than 64 MB"):
        read_file(tmp_path / "sparse")


def test_nothing_swallows_what_is_written_there() -> None:
    """As a person expects of it; a full disk says that it is full."""
    write_file(Path(os.devnull), b"x")
    with pytest.raises(OSError, match="No space"):
        write_file(Path("/dev/full"), b"x")


def test_a_terminal_may_be_written_to() -> None:
    """Named as a file."""
    ours, theirs = pty.openpty()
    write_file(Path(os.ttyname(theirs)), b"shown")
    assert os.read(ours, 100) == b"shown"
    os.close(ours)
    os.close(theirs)


def test_a_stream_of_ours_may_be_named_as_a_file() -> None:
    """As shells do for `>(command)` and `<(command)`."""
    ours, theirs = os.pipe()
    write_file(Path(f"/dev/fd/{theirs}"), b"through")
    os.close(theirs)
    found: list[bytes] = []
    reading = threading.Thread(target=lambda: found.append(read_file(Path(f"/dev/fd/{ours}"))))
    reading.start()
    reading.join(10)
    os.close(ours)
    assert found == [b"through"]


def test_a_file_keeps_its_mode_and_a_link_its_place(tmp_path: Path) -> None:
    """What is behind the link is replaced."""
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("file")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    """Not the one of a temporary file."""
    (tmp_path / "plain").touch()
    write_file(tmp_path / "new", b"x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    """A folder is none."""
    with pytest.raises(OddFile, match="it is a folder"):
        write_file(tmp_path, b"x")
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "gone" / "file", b"x")
