"""What a candidate sent back, as bytes of the few files that are expected; hostile until proven otherwise.

Theory of operation. A zip is read into memory whole (its size is capped first), its directory is checked before any
member is opened, and only members with an expected name are ever decompressed, as a stream that is cut off at a cap.
Nothing is written to a disk, so there is no path to climb out of and no link to follow. A folder is read the same way,
without following links. A fault is the candidate's (or their mail program's): a `Refused`, a value.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError, unreadable
from grader.model.text import Text
from grader.sessions.refusal import Fault

MAX_ARCHIVE = 16 * 1024 * 1024
MAX_MEMBERS = 1000
MAX_UNPACKED = 128 * 1024 * 1024
MAX_RATIO = 200  # of a member above a megabyte; source code packs about five to one
MAX_FILE = 512 * 1024  # more than any exercise allows
MAX_NAMED = 5  # unexpected files that a note lists by name
_DIRECTORY_ENTRY = b"PK\x01\x02"
_NOISE = re.compile(r"(^|/)(__MACOSX|__pycache__|\.pytest_cache|\.git|\.idea|\.vscode|\.DS_Store|Thumbs\.db)(/|$)")
# Files that somebody may send instead of a zip: they are refused with a reason, and not passed over in silence.
_SENT = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".py"}
_MEND = ("mend its permissions", "请修正其权限")
_DRIVE = re.compile(r"^[A-Za-z]:")
_LOCAL_HEADER = 30  # bytes before a member's name

# What `zipfile` raises for bytes that are no zip: its own error, and whatever its parsing runs into.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    RuntimeError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The expected files that were there, by path; `digest` is over them, and `notes` tell what was passed over.

    `root` is the name of the folder that they were in, if any.
    """

    name: str
    root: str
    files: dict[str, bytes]
    digest: str
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why nothing of what was sent back is used."""

    name: str
    reason: Text


def find_returns(paths: Iterable[Path], expected: Collection[str]) -> list[Path]:
    """One path per candidate: each zip or unpacked folder as given, and those in a folder of them, sorted.

    Raises UsageError for a path that is not there and for a folder without anything to grade.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(_returns_at(path, expected))
    return list(found)


def _returns_at(path: Path, expected: Collection[str]) -> list[Path]:
    if not path.exists():
        raise UsageError(
            f"{shown(str(path))} does not exist; name a zip, an unpacked folder, or a folder of them",
            f"{shown(str(path))} 不存在；请指定 zip、解压后的目录，或存放它们的目录",
        )
    if not path.is_dir() or _holds_answers(path, expected):
        return [path]
    try:
        children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
    except OSError as error:
        raise unreadable(shown(str(path)), error.strerror, *_MEND) from error
    inside = [c for c in children if c.suffix.lower() in _SENT or (c.is_dir() and not c.is_symlink())]
    if not inside:
        raise UsageError(
            f"{shown(str(path))} holds no zip and no folder; name what candidates sent back",
            f"{shown(str(path))} 里既没有 zip 也没有目录；请指定候选人交回的内容",
        )
    return inside


def _holds_answers(folder: Path, expected: Collection[str]) -> bool:
    return any((folder / name).is_file() for name in expected)


def read_return(path: Path, expected: Collection[str]) -> Returned | Refused:
    """Read the `expected` files from a zip or a folder; never raises for what is in it."""
    name = shown(path.name)
    try:
        if path.is_dir() and not path.is_symlink():
            root, files, notes = _read_folder(path, expected)
        else:
            root, files, notes = _read_zip(_bytes_of(path), expected)
    except Fault as fault:
        return Refused(name=name, reason=fault.reason)
    except OSError as error:
        raise unreadable(name, error.strerror, *_MEND) from error
    return Returned(name=name, root=root, files=files, digest=_digest(files), notes=tuple(notes))


def shown(text: str) -> str:
    """`text` from a stranger, in one line that moves no cursor and reverses nothing."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)[:200]


def _bytes_of(path: Path) -> bytes:
    """The bytes of a plain file, read without following a link or waiting for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    if path.is_symlink():
        raise Fault("link")
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Fault("not_a_file")
        data = file.read(MAX_ARCHIVE + 1)
    if len(data) > MAX_ARCHIVE:
        raise Fault("too_large", limit=MAX_ARCHIVE // 1024**2)
    return data


def _read_zip(data: bytes, expected: Collection[str]) -> tuple[str, dict[str, bytes], list[Text]]:
    if data.count(_DIRECTORY_ENTRY) > 2 * MAX_MEMBERS:  # before the directory is built in memory
        raise Fault("too_many", limit=MAX_MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_directory(members)
            root, wanted, notes = _pick([m.orig_filename for m in members if not m.is_dir()], expected)
            by_name = {member.orig_filename: member for member in members}
            files = {path: _unpack(archive, by_name[name]) for path, name in wanted.items()}
    except _BROKEN as error:
        raise Fault("damaged") from error
    return root, files, notes


def _check_directory(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive by its directory alone."""
    if len(members) > MAX_MEMBERS:
        raise Fault("too_many", limit=MAX_MEMBERS)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Fault("bomb")
    for member in members:
        _check_name(member.orig_filename)
        _check_kind(member)
    _check_twins(member.orig_filename for member in members)
    _check_overlap(members)


def _check_name(name: str) -> None:
    path = name.rstrip("/")
    parts = path.split("/")
    bad = (
        not path
        or name.startswith("/")
        or "\\" in name
        or _DRIVE.match(name)
        or any(p in ("", ".", "..") for p in parts)
    )
    if bad or not name.isprintable() or len(name) > 400:
        raise Fault("name", name=shown(name))


def _check_kind(member: zipfile.ZipInfo) -> None:
    """Only plain files and folders, not encrypted, packed in a common way and not absurdly well."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Fault("special", name=shown(member.orig_filename))
    if member.flag_bits & 0x1:
        raise Fault("encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Fault("packing", name=shown(member.orig_filename))
    if member.file_size > 1024**2 and member.file_size > MAX_RATIO * max(1, member.compress_size):
        raise Fault("bomb")


def _check_twins(names: Iterable[str]) -> None:
    """Refuse two names that some file system takes for one: nobody can say which was meant."""
    seen: set[str] = set()
    for name in names:
        key = unicodedata.normalize("NFKC", name).casefold().rstrip("/")
        if key in seen:
            raise Fault("twins", name=shown(name))
        seen.add(key)


def _check_overlap(members: Sequence[zipfile.ZipInfo]) -> None:
    """Members that share bytes are how a small file unpacks to a huge one; nobody's tool writes such an archive."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise Fault("overlap")
        end = member.header_offset + _LOCAL_HEADER + len(member.orig_filename) + member.compress_size


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as stream:
        data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Fault("file_too_large", name=shown(member.orig_filename), limit=MAX_FILE // 1024)
    return data


def _pick(names: Sequence[str], expected: Collection[str]) -> tuple[str, dict[str, str], list[Text]]:
    """The folder that the expected paths are below, which name holds each, and a note on what else was there."""
    useful = [name for name in names if not _NOISE.search(name)]
    roots = {name.removesuffix(path) for name in useful for path in expected if f"/{name}".endswith(f"/{path}")}
    roots = {root for root in roots if root.count("/") <= 3}
    if not roots:
        raise Fault("nothing", names=", ".join(sorted(expected)[:4]))
    if len(roots) > 1:
        raise Fault("several", roots=", ".join(shown(root) or "." for root in sorted(roots)[:4]))
    root = roots.pop()
    wanted = {path: root + path for path in expected if root + path in useful}
    notes = _passed_over([name for name in useful if name not in wanted.values()], root)
    return root.rstrip("/").rpartition("/")[2], wanted, notes


def _passed_over(names: Sequence[str], root: str) -> list[Text]:
    """A note on files that nobody asked for, those of the bundle itself apart."""
    ours = re.compile(
        r"^(README\.md|QUESTIONS\.md|answers\.yaml|\d+-code/(STATEMENT\.md|conftest\.py|test_public\.py|driver\.py))$"
    )
    others = [name for name in names if not ours.match(name.removeprefix(root))]
    if not others:
        return []
    listed = ", ".join(shown(name) for name in others[:MAX_NAMED])
    more = f" (+{len(others) - MAX_NAMED})" if len(others) > MAX_NAMED else ""
    return [
        Text(en=f"files that nobody asked for were not read: {listed}{more}", zh=f"未读取多余的文件：{listed}{more}")
    ]


def _read_folder(folder: Path, expected: Collection[str]) -> tuple[str, dict[str, bytes], list[Text]]:
    """The expected files of a folder that somebody unpacked, or of the one folder in it."""
    roots = [folder, *sorted(child for child in folder.iterdir() if child.is_dir() and not child.is_symlink())]
    holding = [root for root in roots if _holds_answers(root, expected)]
    if not holding:
        raise Fault("nothing", names=", ".join(sorted(expected)[:4]))
    root = holding[0]
    files: dict[str, bytes] = {}
    for name in expected:
        path = root / name
        if path.is_symlink() or path.parent.is_symlink():
            raise Fault("special", name=shown(name))
        if path.is_file():
            files[name] = _small(path, name)
    return root.name, files, []


def _small(path: Path, name: str) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Fault("file_too_large", name=name, limit=MAX_FILE // 1024)
    return data


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return "sha256:" + digest.hexdigest()
