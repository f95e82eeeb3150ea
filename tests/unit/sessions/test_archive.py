"""What comes back from candidates is hostile until proven otherwise."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.sessions import archive
from grader.sessions.archive import Refused, Returned, find_returns, left_alone, read_return

EXPECTED = {"answers.yaml": None, "5-code/solution.py": None}
ANSWERS = b'name: "Ada"\n'


def packed(members: dict[str, bytes], **info: int) -> bytes:
    """A zip of these members; `info` sets fields of each member's ZipInfo."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for field, value in info.items():
                setattr(member, field, value)
            file.writestr(member, data)
    return buffer.getvalue()


def read(tmp_path: Path, data: bytes) -> Returned | Refused:
    path = tmp_path / "Ada.zip"
    path.write_bytes(data)
    return read_return(path, EXPECTED)


def reason(tmp_path: Path, data: bytes) -> str:
    found = read(tmp_path, data)
    assert isinstance(found, Refused)
    assert found.reason.zh
    return found.reason.en


@pytest.mark.parametrize("root", ["", "interview-abc/", "Ada/interview-abc/"])
def test_files_are_found_below_any_folder(tmp_path: Path, root: str) -> None:
    """People pack the folder, its contents, or a folder around it."""
    found = read(tmp_path, packed({f"{root}answers.yaml": ANSWERS, f"{root}5-code/solution.py": b"x = 1\n"}))
    assert isinstance(found, Returned)
    assert found.files == {"answers.yaml": ANSWERS, "5-code/solution.py": b"x = 1\n"}
    assert found.notes == ()


def test_what_is_no_zip_is_not_passed_over(tmp_path: Path) -> None:
    """In a folder of returns an archive of another kind is refused with a reason; lists and notes are left alone."""
    for name in ("Ada.rar", "Bo.tar.gz", "list.csv"):
        (tmp_path / name).write_bytes(b"Rar!")
    paths = find_returns([tmp_path], EXPECTED)
    assert [path.name for path in paths] == ["Ada.rar", "Bo.tar.gz"]
    assert all(isinstance(read_return(path, EXPECTED), Refused) for path in paths)


def test_what_is_left_alone_is_named(tmp_path: Path) -> None:
    """A notebook or a text that somebody put there instead of a zip is not passed over without a word."""
    for name in ("Ada.zip", "Bo.ipynb", "Cy.py.txt", "list.csv", ".DS_Store", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "Dee").mkdir()
    (tmp_path / "Eve").symlink_to(tmp_path / "Dee")
    assert [path.name for path in left_alone([tmp_path], EXPECTED)] == ["Bo.ipynb", "Cy.py.txt", "Eve", "list.csv"]
    assert left_alone([tmp_path / "Ada.zip"], EXPECTED) == []


def test_the_zip_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """A course's platform makes a folder for each student and leaves the zip in it; what lies beside it is named."""
    folder = tmp_path / "Ada"
    folder.mkdir()
    (folder / "mine.zip").write_bytes(packed({"interview-abc/answers.yaml": ANSWERS}))
    (folder / "comment.txt").write_bytes(b"hello")
    found = read_return(folder, EXPECTED)
    assert isinstance(found, Returned)
    assert (found.name, found.root, found.files) == ("Ada", "interview-abc", {"answers.yaml": ANSWERS})
    assert [note.en for note in found.notes] == ["files that nobody asked for were not read: comment.txt"]
    (folder / "other.zip").write_bytes(b"")
    assert isinstance(read_return(folder, EXPECTED), Refused)


def test_a_hostile_zip_in_a_folder_is_refused_as_any(tmp_path: Path) -> None:
    """It passes the same checks, and a link to somebody else's zip is not followed."""
    (tmp_path / "Ada").mkdir()
    (tmp_path / "Ada" / "mine.zip").write_bytes(packed({"answers.yaml": ANSWERS, "../up": b"x"}))
    (tmp_path / "Bo").mkdir()
    (tmp_path / "Bo" / "mine.zip").symlink_to(tmp_path / "Ada" / "mine.zip")
    for name, why in (("Ada", "leads outside its folder"), ("Bo", "symbolic link")):
        found = read_return(tmp_path / name, EXPECTED)
        assert isinstance(found, Refused)
        assert why in found.reason.en


def test_what_else_is_in_a_folder_is_named(tmp_path: Path) -> None:
    """As in a zip: files that nobody asked for, at any depth, those of the bundle apart."""
    folder = tmp_path / "Ada"
    for name in (
        "answers.yaml",
        "README.md",
        "5-code/solution.py",
        "5-code/solution.py.txt",
        "helpers.py",
        "x/y",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    found = read_return(folder, EXPECTED)
    assert isinstance(found, Returned)
    assert [note.en for note in found.notes] == [
        "files that nobody asked for were not read: helpers.py, 5-code/solution.py.txt, x/y"
    ]


BESIDE = {
    "5-code/helpers.py": b"y = 2\n",
    "5-code/nets/layers.py": b"z = 3\n",
    "5-code/conftest.py": b"ours",
    "5-code/test_public.py": b"ours",
    "5-code/large.py": b"#" * (archive.MAX_FILE + 1),
    "5-code/data.csv": b"1,2\n",
    "6-code/helpers.py": b"of no question",
    "helpers.py": b"elsewhere",
}


@pytest.mark.parametrize("is_packed", [True, False])
def test_code_beside_a_solution_is_read(tmp_path: Path, is_packed: bool) -> None:
    """A candidate's Python below a folder of code comes along; what is ours, large, data or elsewhere does not."""
    files = {"answers.yaml": ANSWERS, "5-code/solution.py": b"import helpers\n", **BESIDE}
    if is_packed:
        found = read(tmp_path, packed(files))
    else:
        for name, data in files.items():
            (tmp_path / "Ada" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "Ada" / name).write_bytes(data)
        (tmp_path / "Ada" / "5-code" / "linked.py").symlink_to(tmp_path / "Ada" / "helpers.py")
        (tmp_path / "Ada" / "5-code" / "away").symlink_to(tmp_path)
        os.mkfifo(tmp_path / "Ada" / "5-code" / "pipe.py")
        found = read_return(tmp_path / "Ada", EXPECTED)
    assert isinstance(found, Returned)
    taken = ["answers.yaml", "5-code/solution.py", "5-code/helpers.py", "5-code/nets/layers.py"]
    assert found.files == {name: files[name] for name in taken}
    (note,) = found.notes
    assert all(name in note.en for name in ("large.py", "data.csv", "6-code/helpers.py"))
    assert is_packed or all(name in note.en for name in ("linked.py", "pipe.py"))


def test_no_more_code_is_read_than_the_cap(tmp_path: Path) -> None:
    """What is beyond it is named as not read."""
    many = {f"5-code/m{number:03}.py": b"" for number in range(archive.MAX_CODE + 1)}
    found = read(tmp_path, packed({"answers.yaml": ANSWERS, **many}))
    assert isinstance(found, Returned)
    assert len(found.files) == 1 + archive.MAX_CODE
    assert [note.en for note in found.notes] == ["files that nobody asked for were not read: 5-code/m064.py"]


def test_two_sets_of_answers_in_a_folder(tmp_path: Path) -> None:
    """Nobody can say which one is meant, so neither is read."""
    for name in ("one", "two"):
        (tmp_path / "Ada" / name).mkdir(parents=True)
        (tmp_path / "Ada" / name / "answers.yaml").write_bytes(ANSWERS)
    found = read_return(tmp_path / "Ada", EXPECTED)
    assert isinstance(found, Refused)
    assert "more than one set of answers (one, two)" in found.reason.en


def test_only_expected_files_are_read(tmp_path: Path) -> None:
    """Everything else stays packed, nested archives included, and a note lists it."""
    inner = packed({"answers.yaml": b"evil"})
    found = read(
        tmp_path, packed({"a/answers.yaml": ANSWERS, "a/nested.zip": inner, "a/helper.py": b"x", "a/README.md": b""})
    )
    assert isinstance(found, Returned)
    assert found.files == {"answers.yaml": ANSWERS}
    assert [note.en for note in found.notes] == ["files that nobody asked for were not read: a/nested.zip, a/helper.py"]


def test_noise_of_other_systems_is_passed_over(tmp_path: Path) -> None:
    """What macOS and editors leave in an archive is no fault and no second set of answers."""
    found = read(tmp_path, packed({"a/answers.yaml": ANSWERS, "__MACOSX/a/answers.yaml": b"x", "a/.DS_Store": b"x"}))
    assert isinstance(found, Returned)
    assert found.notes == ()


@pytest.mark.parametrize(
    "name",
    [
        "../answers.yaml",
        "a/../../answers.yaml",
        "/answers.yaml",
        "C:/answers.yaml",
        "a\\answers.yaml",
        "./answers.yaml",
        "a//answers.yaml",
        "a\x1b[2J/answers.yaml",
        "a\u202e/answers.yaml",
        "x" * 500,
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    """One such name refuses the whole archive, because no honest tool writes it."""
    assert "leads outside its folder" in reason(tmp_path, packed({"answers.yaml": ANSWERS, name: b"x"}))


def test_a_name_with_a_null_byte(tmp_path: Path) -> None:
    """Python cuts such a name short; the whole of it counts."""
    data = packed({"answers.yaml": ANSWERS, "aXb": b"x"}).replace(b"aXb", b"a\0b")
    assert "leads outside its folder" in reason(tmp_path, data)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_special_files(tmp_path: Path, kind: int) -> None:
    """A member that is not a plain file refuses the archive."""
    data = packed({"answers.yaml": b"/etc/passwd"}, external_attr=(kind | 0o777) << 16, create_system=3)
    assert "a link or a special file" in reason(tmp_path, data)


def test_encrypted_members(tmp_path: Path) -> None:
    """A password cannot be asked for."""
    data = bytearray(packed({"answers.yaml": ANSWERS}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert "encrypted" in reason(tmp_path, bytes(data))


@pytest.mark.parametrize("twin", ["answers.yaml", "ANSWERS.yaml", "ａnswers.yaml"])
def test_twins(tmp_path: Path, twin: str) -> None:
    """Two members that some system takes for one refuse the archive."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w") as file,
        pytest.warns(UserWarning, match=".*") if twin == "answers.yaml" else _quiet(),
    ):
        file.writestr("answers.yaml", ANSWERS)
        file.writestr(twin, b"other")
    assert "two members are called" in reason(tmp_path, buffer.getvalue())


def _quiet() -> io.StringIO:
    return io.StringIO()  # a context that does nothing


def test_a_bomb_by_ratio(tmp_path: Path) -> None:
    """Fifty megabytes of zeros in fifty kilobytes are refused by the directory alone."""
    assert "zip bomb" in reason(tmp_path, packed({"answers.yaml": b"\0" * 50_000_000}))


def test_a_bomb_by_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many members that are each small enough are refused by their sum."""
    monkeypatch.setattr(archive, "MAX_UNPACKED", 10_000)
    assert "zip bomb" in reason(tmp_path, packed({f"f{n}": os.urandom(600) for n in range(20)}))


def test_a_directory_that_lies_about_size(tmp_path: Path) -> None:
    """A member that unpacks to more than its directory says is cut off and refused."""
    data = bytearray(packed({"answers.yaml": b"\0" * (archive.MAX_FILE * 3)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 100)
    assert isinstance(read(tmp_path, bytes(data)), Refused)


def test_overlapping_members(tmp_path: Path) -> None:
    """Two members that share their bytes are how the best bombs are made."""
    data = bytearray(packed({"answers.yaml": ANSWERS, "b": b"y" * 50}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    assert "overlap" in reason(tmp_path, bytes(data))


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """An expected file over the cap is refused, although it is no bomb."""
    assert "larger than 512 KiB" in reason(tmp_path, packed({"answers.yaml": os.urandom(600 * 1024)}))


def test_too_many_members(tmp_path: Path) -> None:
    """The number of members is capped before a directory is built."""
    assert "more than 1000 members" in reason(tmp_path, packed({f"f{n}": b"" for n in range(2100)}))


def test_an_archive_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive over the cap is not read to its end."""
    monkeypatch.setattr(archive, "MAX_ARCHIVE", 1024 * 1024)
    assert "larger than 1 MiB" in reason(tmp_path, os.urandom(2 * 1024 * 1024))


def test_no_more_is_read_than_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an archive within the cap no more than its directory and the expected members is read."""
    monkeypatch.setattr(archive, "MAX_READ", 200_000)
    padded = {"a/answers.yaml": ANSWERS, "a/padding.bin": os.urandom(1024 * 1024)}
    assert isinstance(read(tmp_path, packed(padded)), Returned)
    assert "larger than 0 MiB" in reason(tmp_path, packed({f"{'n' * 300}{n}": b"" for n in range(900)}))


ENVIRONMENT = {
    "pyvenv.cfg": b"home = /usr/bin",
    "bin/pip": b"#!",
    "lib/python3.11/site-packages/answers.yaml": b"theirs",
}


def environment(root: str, files: int = 2000) -> dict[str, bytes]:
    """A virtual environment below `root`, with more files than an archive may have."""
    installed = {f"{root}lib/python3.11/site-packages/m/{n}.py": b"" for n in range(files)}
    return {f"{root}{name}": data for name, data in ENVIRONMENT.items()} | installed


@pytest.mark.parametrize("root", [".venv/", "venv/", "my env/", "a/deep/er/env/"])
def test_a_virtual_environment_is_passed_over(tmp_path: Path, root: str) -> None:
    """However many files it has, and whatever they are called: the answers beside it are taken."""
    found = read(tmp_path, packed({"in/answers.yaml": ANSWERS, **environment(f"in/{root}")}))
    assert isinstance(found, Returned)
    assert (found.files, found.notes) == ({"answers.yaml": ANSWERS}, ())


def test_an_environment_in_the_bundles_own_folder(tmp_path: Path) -> None:
    """Somebody runs `python -m venv .` there: what that made is passed over, and the answers are not."""
    members = {"in/answers.yaml": ANSWERS, "in/5-code/solution.py": b"x = 1\n", **environment("in/")}
    found = read(tmp_path, packed(members))
    assert isinstance(found, Returned)
    assert set(found.files) == {"answers.yaml", "5-code/solution.py"}


def test_links_of_an_environment(tmp_path: Path) -> None:
    """`zip -y` keeps the links to the interpreter; only outside of an environment are they a reason to refuse."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("in/answers.yaml", ANSWERS)
        file.writestr("in/.venv/pyvenv.cfg", b"")
        link = zipfile.ZipInfo("in/.venv/bin/python")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/usr/bin/python3")
    assert isinstance(read(tmp_path, buffer.getvalue()), Returned)
    assert "link" in reason(tmp_path, buffer.getvalue().replace(b"pyvenv.cfg", b"other_.cfg"))


def test_an_environment_hides_no_attack(tmp_path: Path) -> None:
    """What is beside it is held to every rule."""
    hidden = environment("in/.venv/", 3)
    assert "unsafe" in reason(tmp_path, packed({"../answers.yaml": ANSWERS, "answers.yaml": ANSWERS, **hidden}))
    assert "more than 1000" in reason(tmp_path, packed({f"in/{n}": b"" for n in range(1100)} | hidden))


def test_more_members_than_anything_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of what is passed over no more is listed than memory has room for."""
    monkeypatch.setattr(archive, "MAX_LISTED", 1500)
    assert "members" in reason(tmp_path, packed({"in/answers.yaml": ANSWERS, **environment("in/.venv/")}))
    monkeypatch.setattr(archive, "MAX_LISTED", 500)  # the bytes of so many entries are not even looked at
    assert "members" in reason(tmp_path, packed({"in/answers.yaml": ANSWERS, **environment("in/.venv/")}))


def test_many_environments_take_no_time(tmp_path: Path) -> None:
    """A thousand folders that claim to be one are looked at once, not once for each."""
    claims = {f"in/{n}/pyvenv.cfg": b"" for n in range(900)}
    assert isinstance(read(tmp_path, packed({"in/answers.yaml": ANSWERS, **claims})), Returned)


def test_an_unusual_compression(tmp_path: Path) -> None:
    """Only the two common ways of packing are unpacked."""
    assert "unusual way" in reason(tmp_path, packed({"answers.yaml": ANSWERS}, compress_type=zipfile.ZIP_LZMA))


def test_two_sets_of_answers(tmp_path: Path) -> None:
    """Which of two was meant is not ours to guess."""
    assert "more than one set" in reason(tmp_path, packed({"a/answers.yaml": ANSWERS, "b/answers.yaml": ANSWERS}))


def test_nothing_that_was_asked_for(tmp_path: Path) -> None:
    """An archive of other files is refused with the names that were expected."""
    assert "answers.yaml" in reason(tmp_path, packed({"holiday.jpg": b"x"}))


@pytest.mark.parametrize("data", [b"", b"PK", b"Rar!\x1a\x07\x00", b"\x1f\x8b\x08\x00" * 9, b"answers"])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    """Another format, or half a file, is refused."""
    assert "pack it again" in reason(tmp_path, data)


def test_a_damaged_member(tmp_path: Path) -> None:
    """A member whose checksum is wrong is refused."""
    data = bytearray(packed({"answers.yaml": ANSWERS * 50}))
    at = data.index(b"PK\x01\x02") + 16
    data[at] ^= 0xFF
    data[data.index(b"PK\x03\x04") + 14] ^= 0xFF
    assert isinstance(read(tmp_path, bytes(data)), Refused)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 300), st.integers(0, 255))
def test_damage_anywhere_is_a_value(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int, byte: int) -> None:
    """However an archive is damaged, reading it returns; it never raises."""
    data = bytearray(packed({"answers.yaml": ANSWERS, "5-code/solution.py": b"x = 1\n"}))
    data[at % len(data)] = byte
    path = tmp_path_factory.mktemp("fuzz") / "a.zip"
    path.write_bytes(bytes(data) + junk)
    assert isinstance(read_return(path, EXPECTED), Returned | Refused)


def test_a_link_in_place_of_an_archive(tmp_path: Path) -> None:
    """A link is not followed."""
    (tmp_path / "real.zip").write_bytes(packed({"answers.yaml": ANSWERS}))
    (tmp_path / "Ada.zip").symlink_to(tmp_path / "real.zip")
    found = read_return(tmp_path / "Ada.zip", EXPECTED)
    assert isinstance(found, Refused)
    assert "symbolic link" in found.reason.en


def test_a_pipe_in_place_of_an_archive(tmp_path: Path) -> None:
    """A pipe is refused, and not waited for."""
    os.mkfifo(tmp_path / "Ada.zip")
    found = read_return(tmp_path / "Ada.zip", EXPECTED)
    assert isinstance(found, Refused)
    assert "not a plain file" in found.reason.en


def test_an_unpacked_folder(tmp_path: Path) -> None:
    """A folder is read like an archive."""
    (tmp_path / "Ada" / "interview-abc").mkdir(parents=True)
    (tmp_path / "Ada" / "interview-abc" / "answers.yaml").write_bytes(ANSWERS)
    found = read_return(tmp_path / "Ada", EXPECTED)
    assert isinstance(found, Returned)
    assert found.files == {"answers.yaml": ANSWERS}


@pytest.mark.parametrize("link", ["answers.yaml", "5-code"])
def test_links_in_a_folder(tmp_path: Path, link: str) -> None:
    """A link in a folder, also to a folder, is not followed."""
    folder, secret = tmp_path / "Ada", tmp_path / "secret"
    folder.mkdir()
    secret.mkdir()
    (secret / "solution.py").write_text("x = 1")
    (folder / "answers.yaml").write_bytes(ANSWERS)
    (folder / link).unlink(missing_ok=True)
    (folder / link).symlink_to(secret if link == "5-code" else secret / "solution.py")
    found = read_return(folder, EXPECTED)
    assert isinstance(found, Refused)
    assert "special file" in found.reason.en


def test_a_folder_of_archives(tmp_path: Path) -> None:
    """Every zip and unpacked folder in a folder is one candidate's."""
    (tmp_path / "Bo").mkdir()
    (tmp_path / "Bo" / "answers.yaml").write_bytes(ANSWERS)
    (tmp_path / "Ada.ZIP").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").write_text("home = /usr/bin")
    assert [path.name for path in find_returns([tmp_path], EXPECTED)] == ["Ada.ZIP", "Bo"]


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    """A missing path, and a folder without anything, are wrong use."""
    with pytest.raises(UsageError, match="does not exist"):
        find_returns([tmp_path / "gone"], EXPECTED)
    with pytest.raises(UsageError, match="holds no zip"):
        find_returns([tmp_path], EXPECTED)
