"""Archives of packs: reproducible, and read within caps whatever they are."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.content import pack_archive
from grader.content.pack_archive import archive_of, digest_of, files_of, files_of_folder, read_archive, write_files
from grader.errors import ContentError, UsageError

FILES = {"bank/arch/q.yaml": b"id: q\n", "exercises/mean/stub.py": b"x = 1\n", "reference/mean/solution.py": b"\xff"}
Spoil = Callable[[tarfile.TarFile], None]


def tar_of(fill: Spoil) -> bytes:
    """A tar that `fill` puts members into."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        fill(tar)
    return packed.getvalue()


def put(tar: tarfile.TarFile, name: str, data: bytes = b"x", **fields: object) -> None:
    """One member; `fields` of its header."""
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(data))


def test_what_was_packed_comes_back(tmp_path: Path) -> None:
    """From files to an archive to a folder, and its digest stays."""
    assert files_of(archive_of(FILES)) == FILES
    write_files(FILES, tmp_path)
    assert files_of_folder(tmp_path) == FILES
    assert (tmp_path / "exercises/mean/stub.py").stat().st_mode & 0o777 == 0o600


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    """Neither times nor owners nor order nor what the interpreter caches change bytes or digest."""
    for place, names in (("a", list(FILES)), ("b", list(reversed(FILES)))):
        write_files({name: FILES[name] for name in names}, tmp_path / place)
    os.utime(tmp_path / "b/exercises/mean/stub.py", (1, 1))
    (tmp_path / "b/exercises/mean/__pycache__").mkdir()
    (tmp_path / "b/exercises/mean/__pycache__/stub.pyc").write_bytes(b"x")
    (tmp_path / "b/README.md").write_text("beside the pack")
    one, other = files_of_folder(tmp_path / "a"), files_of_folder(tmp_path / "b")
    assert archive_of(one) == archive_of(other)
    assert digest_of(one) == digest_of(other)


@pytest.mark.parametrize(
    ("name", "data"),
    [("exercises/mean/stub.py", b"x = 2\n"), ("exercises/mean/stub2.py", b"x = 1\n"), ("bank/arch/q.yaml", b"id: ")],
)
def test_other_files_have_another_digest(name: str, data: bytes) -> None:
    """Names count, and so do bytes."""
    assert digest_of({**FILES, name: data}) != digest_of(FILES)


@pytest.mark.parametrize("top", ["", "./", "acme/", "./acme/"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_tar_makes_of_a_folder_is_read(tmp_path: Path, top: str, *, packed: bool) -> None:
    """Of the folder or of what is in it, packed or not; folders and other files in it are passed over."""

    def fill(tar: tarfile.TarFile) -> None:
        put(tar, top or "./", b"", type=tarfile.DIRTYPE)
        for name, data in FILES.items():
            put(tar, top + name, data)
        put(tar, f"{top}README.md")
        put(tar, f"{top}exercises/mean/__pycache__/stub.pyc")

    data = tar_of(fill)
    place = tmp_path / "pack"
    place.write_bytes(gzip.compress(data) if packed else data)
    assert read_archive(place) == FILES


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda tar: put(tar, "../exercises/x.py"), "leads out"),
        (lambda tar: put(tar, "exercises/../../x.py"), "leads out"),
        (lambda tar: put(tar, "/exercises/x.py"), "leads out"),
        (lambda tar: put(tar, "exercises\\x.py"), "leads out"),
        (lambda tar: put(tar, "exercises/\x1b[2J.py"), "leads out"),
        (lambda tar: put(tar, "exercises/" + 20 * "a/" + "x.py"), "leads out"),
        (lambda tar: put(tar, "exercises/x", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "is a link"),
        (lambda tar: put(tar, "exercises/x", b"", type=tarfile.LNKTYPE, linkname="exercises/y"), "is a link"),
        (lambda tar: put(tar, "exercises/x", b"", type=tarfile.CHRTYPE), "a device"),
        (lambda tar: put(tar, "exercises/x", b"", type=tarfile.FIFOTYPE), "a pipe"),
        (lambda tar: put(tar, "README", b"", type=tarfile.SYMTYPE, linkname="x"), "is a link"),
        (lambda tar: [put(tar, "exercises/x"), put(tar, "./exercises/x")], "twice"),
        (lambda tar: [put(tar, "exercises/x"), put(tar, "exercises/x/y")], "twice"),
        (
            lambda tar: put(tar, "exercises/x", pax_headers={"GNU.sparse.map": "0,1", "GNU.sparse.size": "4000000"}),
            "regular files only",
        ),
    ],
)
def test_an_archive_that_leads_elsewhere_is_refused(spoil: Spoil, word: str) -> None:
    """One sentence that says which member and what to do."""
    with pytest.raises(UsageError, match=word):
        files_of(tar_of(spoil))


@pytest.mark.parametrize("cap", ["MAX_TOTAL_BYTES", "MAX_MEMBERS", "MAX_FILE_BYTES"])
def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch, cap: str) -> None:
    """More bytes in all, more members or a larger file than is allowed."""
    monkeypatch.setattr(pack_archive, cap, {"MAX_TOTAL_BYTES": 100_000, "MAX_MEMBERS": 3, "MAX_FILE_BYTES": 10}[cap])

    def fill(tar: tarfile.TarFile) -> None:
        for number in range(5):
            put(tar, f"exercises/{number}.py", 50_000 * b"\0")

    with pytest.raises(UsageError, match=r"more than|larger than"):
        files_of(gzip.compress(tar_of(fill)))


def test_a_size_that_is_a_lie_costs_nothing() -> None:
    """A header that promises terabytes is refused by its number."""
    member = tarfile.TarInfo("exercises/x.py")
    member.size = 2**40
    with pytest.raises(UsageError, match="larger than"):
        files_of(member.tobuf(tarfile.GNU_FORMAT) + 1024 * b"\0")


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"\x1f\x8b", gzip.compress(b"x" * 2000), archive_of(FILES)[:-40], b"\xff" * 3000],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    """Damaged, cut off, of another kind, or empty."""
    place = tmp_path / "pack.tar.gz"
    place.write_bytes(data)
    with pytest.raises(UsageError, match="tar"):
        read_archive(place)


def test_a_folder_with_a_link_is_no_pack(tmp_path: Path) -> None:
    """As wherever packs are read."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises/x").symlink_to("/etc/passwd")
    with pytest.raises(ContentError, match="symbolic link"):
        files_of_folder(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match=r"nothing.tar.gz cannot be read"):
        read_archive(tmp_path / "nothing.tar.gz")
