"""What a candidate sent back, as bytes of the few files that are expected; hostile until proven otherwise.

Theory of operation. Of a zip no more than a capped number of bytes is ever read: its directory, which is checked before
any member is opened, and the members with an expected name, each decompressed as a stream that is cut off at a cap. So
a virtual environment that was packed too costs nothing, and is passed over. Nothing is written to a disk, so there is
no path to climb out of and no link to follow. A folder is read the same way, without following links. A fault is the
candidate's (or their mail program's): a `Refused`, a value.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from grader.errors import UsageError, unreadable
from grader.model.text import Text
from grader.sessions.refusal import Fault

MAX_ARCHIVE = 4 * 1024**3  # with a virtual environment in it
MAX_READ = 16 * 1024 * 1024  # of that
MAX_MEMBERS = 1000  # but for what is passed over
MAX_LISTED = 60_000  # with what is passed over, which takes 40 MB of memory
MAX_UNPACKED = 128 * 1024 * 1024
MAX_RATIO = 200  # of a member above a megabyte; source code packs about five to one
MAX_FILE = 512 * 1024  # more than any exercise allows
MAX_NOTEBOOK = 4 * 1024 * 1024
MAX_ENVIRONMENTS = 5  # in one archive
MAX_NAMED = 50  # unexpected files that a note lists by name
MAX_CODE = 64  # files of a candidate's own beside solutions; more are not read, nor are large ones
MAX_LOOKED_AT = 2000  # entries of a folder
_DIRECTORY_ENTRY = b"PK\x01\x02"
_NOISE = re.compile(r"(^|/)(__MACOSX|__pycache__|\.pytest_cache|\.git|\.idea|\.vscode|\.DS_Store|Thumbs\.db)(/|$)")
# What marks the folder of a virtual environment, of Python or of conda, and what lies in it.
_ENVIRONMENT = re.compile(r"((?:.*/)?)(?:pyvenv\.cfg|conda-meta/history)")
_INSTALLED = re.compile(
    r"(bin|lib|lib64|include|share|etc|Lib|Scripts|Include|conda-meta)/|lib64$|pyvenv\.cfg$|\.gitignore$"
)
_CODE = re.compile(r"(\d+-code/)(?!(?:conftest|test_public|driver)\.py$).+\.py")  # a candidate's, in a folder of code
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
    """The expected files that were there, by path, and what else of Python lay in the folders of code.

    `digest` is over all of them, and `notes` tell what was passed over.
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


def left_alone(paths: Iterable[Path], expected: Collection[str]) -> list[Path]:
    """What lies in a folder of returns and is neither an archive nor a folder, so that nobody takes it for one."""
    taken = set(find_returns(paths, expected))
    folders = [path for path in paths if path.is_dir() and path not in taken]
    inside = [child for folder in folders for child in sorted(folder.iterdir()) if not _NOISE.search(child.name)]
    return [child for child in inside if child not in taken and not child.name.startswith(".")]


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
    inside = [child for child in inside if not (child / "pyvenv.cfg").is_file()]
    if not inside:
        raise UsageError(
            f"{shown(str(path))} holds no zip and no folder; name what candidates sent back",
            f"{shown(str(path))} 里既没有 zip 也没有目录；请指定候选人交回的内容",
        )
    return inside


def _holds_answers(folder: Path, expected: Collection[str]) -> bool:
    return any((folder / name).is_file() for name in expected)


def read_return(path: Path, expected: Collection[str], beside: Collection[str] = ()) -> Returned | Refused:
    """Read the `expected` files from a zip or a folder, and those `beside` them; never raises for what is in it."""
    name = shown(path.name)
    try:
        if path.is_dir() and not path.is_symlink():
            root, files, notes = _read_folder(path, expected, beside)
        else:
            with _opened(path) as file:
                root, files, notes = _read_zip(file, expected, beside)
    except Fault as fault:
        return Refused(name=name, reason=fault.reason)
    except OSError as error:
        raise unreadable(name, error.strerror, *_MEND) from error
    return Returned(name=name, root=root, files=files, digest=_digest(files), notes=tuple(notes))


def shown(text: str) -> str:
    """`text` from a stranger, in one line that moves no cursor and reverses nothing."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)[:200]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A plain file, opened without following a link or waiting for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    if path.is_symlink():
        raise Fault("link")
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Fault("not_a_file")
        if status.st_size > MAX_ARCHIVE:
            raise Fault("too_large", limit=MAX_ARCHIVE // 1024**2)
        yield file


class _Metered(io.RawIOBase):
    """A file of which no more than `MAX_READ` bytes are read, and no longer directory of a zip than is listed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MAX_READ
        self._listed = 2 * MAX_LISTED  # the bytes that begin an entry may stand elsewhere too

    def read(self, size: int | None = -1, /) -> bytes:
        """Some bytes. Raises Fault when they are too many."""
        wanted = self._left + 1 if size is None or size < 0 else size
        data = self._file.read(min(wanted, self._left + 1))
        self._left -= len(data)
        self._listed -= data.count(_DIRECTORY_ENTRY)
        if self._left < 0:
            raise Fault("too_large", limit=MAX_READ // 1024**2)
        if self._listed < 0:  # before the directory is built in memory
            raise Fault("too_many", limit=MAX_MEMBERS)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go there."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()

    def seekable(self) -> bool:
        """It is a file."""
        return True


def _read_zip(
    file: BinaryIO, expected: Collection[str], beside: Collection[str]
) -> tuple[str, dict[str, bytes], list[Text]]:
    try:
        with zipfile.ZipFile(_Metered(file)) as archive:
            members = _not_passed_over(archive.infolist(), expected)
            _check_directory(members)
            small = {member.orig_filename for member in members if member.file_size <= MAX_FILE}
            names = [member.orig_filename for member in members if not member.is_dir()]
            root, wanted, notes = _pick(names, expected, beside, small)
            by_name = {member.orig_filename: member for member in members}
            files = {path: _unpack(archive, by_name[name]) for path, name in wanted.items()}
    except _BROKEN as error:
        raise Fault("damaged") from error
    return root, files, notes


def _not_passed_over(members: Sequence[zipfile.ZipInfo], expected: Collection[str]) -> list[zipfile.ZipInfo]:
    """The members that are neither noise nor in a virtual environment; none of these is ever opened."""
    if len(members) > MAX_LISTED:
        raise Fault("too_many", limit=MAX_MEMBERS)
    names = [member.orig_filename for member in members]
    inside = _of_environments(names, expected)
    return [
        member for member, name in zip(members, names, strict=True) if name not in inside and not _NOISE.search(name)
    ]


def _of_environments(names: Collection[str], expected: Collection[str]) -> set[str]:
    """Names in a virtual environment; where one was made in the bundle's own folder, those that it put there."""
    marks = (match for match in map(_ENVIRONMENT.fullmatch, names) if match)
    roots = sorted({match[1] for match in marks})[:MAX_ENVIRONMENTS]
    shared = {root for root in roots if any(name.startswith(root) and name.endswith(tuple(expected)) for name in names)}
    found: set[str] = set()
    for root in roots:
        for name in names:
            if name.startswith(root) and (root not in shared or _INSTALLED.match(name, len(root))):
                found.add(name)
    return found


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
        data = stream.read(_most(member.orig_filename) + 1)
    if len(data) > _most(member.orig_filename):
        raise Fault("file_too_large", name=shown(member.orig_filename), limit=_most(member.orig_filename) // 1024)
    return data


def _most(name: str) -> int:
    """Bytes of a file that are read; a notebook holds what its cells printed, too."""
    return MAX_NOTEBOOK if name.endswith(".ipynb") else MAX_FILE


def _pick(
    names: Sequence[str], expected: Collection[str], beside: Collection[str], small: Collection[str]
) -> tuple[str, dict[str, str], list[Text]]:
    """The folder that the expected paths are below, which name holds each, and a note on what else was there."""
    useful = [name for name in names if not _NOISE.search(name)]
    roots = {name.removesuffix(path) for name in useful for path in expected if f"/{name}".endswith(f"/{path}")}
    roots = {root for root in roots if root.count("/") <= 3}
    if not roots:
        raise Fault("nothing", names=", ".join(sorted(expected)[:4]))
    if len(roots) > 1:
        raise Fault("several", roots=", ".join(shown(root) or "." for root in sorted(roots)[:4]))
    root = roots.pop()
    below = [name.removeprefix(root) for name in useful if name.startswith(root) and name in small]
    code = _code_among(below, expected)
    wanted = {path: root + path for path in (*expected, *beside, *code) if root + path in useful}
    notes = _passed_over([name for name in useful if name not in wanted.values()], root)
    return root.rstrip("/").rpartition("/")[2], wanted, notes


def _code_among(paths: Sequence[str], expected: Collection[str]) -> list[str]:
    """Python that a candidate may have written beside a solution; whether it is imported is for others to see."""
    folders = {name.partition("/")[0] + "/" for name in expected if "/" in name}
    found = [(path, match) for path in sorted(paths) if (match := _CODE.fullmatch(path))]
    return [path for path, match in found if match[1] in folders and path not in expected][:MAX_CODE]


def _passed_over(names: Sequence[str], root: str) -> list[Text]:
    """A note on files that nobody asked for, those of the bundle itself apart."""
    ours = re.compile(
        r"^(README\.md|QUESTIONS\.md|answers\.yaml|requirements\.txt|interview\.json|pytest\.ini|conftest\.py|\d+-code/(STATEMENT\.md|conftest\.py|test_public\.py|driver\.py))$"
    )
    others = [name for name in names if not ours.match(name.removeprefix(root))]
    if not others:
        return []
    listed = ", ".join(shown(name) for name in others[:MAX_NAMED])
    more = f" (+{len(others) - MAX_NAMED})" if len(others) > MAX_NAMED else ""
    return [
        Text(en=f"files that nobody asked for were not read: {listed}{more}", zh=f"未读取多余的文件：{listed}{more}")
    ]


def _read_folder(
    folder: Path, expected: Collection[str], beside: Collection[str]
) -> tuple[str, dict[str, bytes], list[Text]]:
    """The expected files of a folder that somebody unpacked, or of the one folder or zip in it."""
    inside = sorted(child for child in folder.iterdir() if not _NOISE.search(child.name))
    roots = [folder, *(child for child in inside if child.is_dir() and not child.is_symlink())]
    holding = [root for root in roots if _holds_answers(root, expected)]
    if not holding:
        zips = [child for child in inside if child.suffix.lower() == ".zip"]
        if len(zips) == 1:  # a course's platform makes a folder for each student, and leaves the zip in it
            with _opened(zips[0]) as file:
                name, packed, notes = _read_zip(file, expected, beside)
            others = [child.name for child in inside if child != zips[0]]
            return name, packed, [*notes, *_passed_over(others, "")]
        raise Fault("nothing", names=", ".join(sorted(expected)[:4]))
    if len(holding) > 1:
        raise Fault("several", roots=", ".join(shown(root.name) for root in holding[:4]))
    root = holding[0]
    files: dict[str, bytes] = {}
    small = [name for name in _names_below(root) if _is_small(root / name)]
    for name in (*expected, *beside, *_code_among(small, expected)):
        path = root / name
        if path.is_symlink() or path.parent.is_symlink():
            raise Fault("special", name=shown(name))
        if path.is_file():
            files[name] = _small(path, name)
    rest = [name for name in _names_below(folder) if name.removeprefix(_below(root, folder)) not in files]
    return root.name, files, _passed_over(rest, _below(root, folder))


def _below(root: Path, folder: Path) -> str:
    return "" if root == folder else f"{root.name}/"


def _names_below(folder: Path) -> list[str]:
    """The files below a folder, no link followed; no more than so many entries are looked at."""
    found: list[str] = []
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not (Path(above) / name / "pyvenv.cfg").is_file())
        paths = ((Path(above) / name).relative_to(folder).as_posix() for name in sorted(names))
        found += [path for path in paths if not _NOISE.search(path)]
        if len(found) > MAX_LOOKED_AT:
            break
    return found[:MAX_LOOKED_AT]


def _is_small(path: Path) -> bool:
    """Whether it is a plain file, not too large for code; no link is followed."""
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE


def _small(path: Path, name: str) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        data = file.read(_most(name) + 1)
    if len(data) > _most(name):
        raise Fault("file_too_large", name=name, limit=_most(name) // 1024)
    return data


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return "sha256:" + digest.hexdigest()
