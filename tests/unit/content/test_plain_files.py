"""A stranger's pack holds regular files of a bearable size, or it is refused in one sentence."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.content import plain_files
from grader.content.pack import Pack
from grader.errors import ContentError
from tests.acceptance.quiz_pack import write_pack

PLACES = (
    "bank/syllabus.yaml",
    "bank/lab/lab-open.yaml",
    "exercises/double/exercise.yaml",
    "exercises/double/statement.en.md",
    "exercises/double/stub.py",
    "exercises/double/test_public.py",
    "reference/double/solution.py",
    "reference/double/test_hidden.py",
    "reference/double/notes.md",
    "reference/double/mutants.yaml",
    "reference/double/alternatives/adding.py",
    "docs/glossary.md",
)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket is short
        door.bind(path.name)
        os.chdir(here)


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "link to a file": (lambda path: path.symlink_to("/etc/passwd"), "symbolic link"),
    "link to nothing": (lambda path: path.symlink_to("/nowhere"), "symbolic link"),
    "link to itself": (lambda path: path.symlink_to(path.name), "symbolic link"),
    "pipe": (os.mkfifo, "pipe"),
    "socket": (_socket, "socket"),
    "sparse file": (_sparse, "larger than 4 MB"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_plain_file_is_refused(kind: str, place: str, tmp_path: Path) -> None:
    """Wherever it lies; the sentence names it, and nothing of it is read or waited for."""
    root = write_pack(tmp_path / "p")
    path = root / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    make, says = ODD[kind]
    make(path)
    with pytest.raises(ContentError, match=says) as caught:
        Pack(root)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "folder", ["bank", "bank/lab", "exercises", "exercises/double", "reference/double/alternatives"]
)
def test_a_folder_that_is_a_link_is_refused(folder: str, tmp_path: Path) -> None:
    """It leads elsewhere as a file does."""
    root = write_pack(tmp_path / "pack")
    (root / folder).rename(tmp_path / "elsewhere")
    (root / folder).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContentError, match="symbolic link"):
        Pack(root)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_refused(tmp_path: Path) -> None:
    """It is not opened."""
    root = write_pack(tmp_path / "pack")
    (root / "exercises/double/statement.en.md").unlink()
    try:
        os.mknod(root / "exercises/double/statement.en.md", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no devices here")
    with pytest.raises(ContentError, match="device"):
        Pack(root)


def test_the_pack_as_a_whole_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes, in files and in depth."""
    root = write_pack(tmp_path / "pack")
    Pack(root)
    for name, value in (("MAX_BYTES", 100), ("MAX_FILES", 3), ("MAX_DEPTH", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(plain_files, name, value)
            with pytest.raises(ContentError):
                Pack(root)


def test_a_pack_may_be_reached_by_a_link(tmp_path: Path) -> None:
    """The person named it."""
    root = write_pack(tmp_path / "pack")
    (tmp_path / "link").symlink_to(root)
    assert Pack(tmp_path / "link").slugs == ("double",)
