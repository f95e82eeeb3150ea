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

from grader.errors import UsageError
from grader.model.text import Text

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


class _Fault(Exception):
    """A reason to refuse, on its way to the caller."""

    def __init__(self, reason: str, **fields: object) -> None:
        text = REASONS[reason]
        self.reason = Text(en=text.en.format(**fields), zh=text.zh.format(**fields))
        super().__init__(self.reason.en)


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
        raise UsageError(f"{shown(str(path))} does not exist; name a zip, an unpacked folder, or a folder of them")
    if not path.is_dir() or _holds_answers(path, expected):
        return [path]
    try:
        children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
    except OSError as error:
        raise UsageError(f"{shown(str(path))} cannot be read ({error.strerror}); mend its permissions") from error
    inside = [c for c in children if c.suffix.lower() in _SENT or (c.is_dir() and not c.is_symlink())]
    if not inside:
        raise UsageError(f"{shown(str(path))} holds no zip and no folder; name what candidates sent back")
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
    except _Fault as fault:
        return Refused(name=name, reason=fault.reason)
    except OSError as error:
        raise UsageError(f"{name} cannot be read ({error.strerror}); mend its permissions") from error
    return Returned(name=name, root=root, files=files, digest=_digest(files), notes=tuple(notes))


def shown(text: str) -> str:
    """`text` from a stranger, in one line that moves no cursor and reverses nothing."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)[:200]


def _bytes_of(path: Path) -> bytes:
    """The bytes of a plain file, read without following a link or waiting for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    if path.is_symlink():
        raise _Fault("link")
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise _Fault("not_a_file")
        data = file.read(MAX_ARCHIVE + 1)
    if len(data) > MAX_ARCHIVE:
        raise _Fault("too_large", limit=MAX_ARCHIVE // 1024**2)
    return data


def _read_zip(data: bytes, expected: Collection[str]) -> tuple[str, dict[str, bytes], list[Text]]:
    if data.count(_DIRECTORY_ENTRY) > 2 * MAX_MEMBERS:  # before the directory is built in memory
        raise _Fault("too_many", limit=MAX_MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_directory(members)
            root, wanted, notes = _pick([m.orig_filename for m in members if not m.is_dir()], expected)
            by_name = {member.orig_filename: member for member in members}
            files = {path: _unpack(archive, by_name[name]) for path, name in wanted.items()}
    except _BROKEN as error:
        raise _Fault("damaged") from error
    return root, files, notes


def _check_directory(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive by its directory alone."""
    if len(members) > MAX_MEMBERS:
        raise _Fault("too_many", limit=MAX_MEMBERS)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise _Fault("bomb")
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
        raise _Fault("name", name=shown(name))


def _check_kind(member: zipfile.ZipInfo) -> None:
    """Only plain files and folders, not encrypted, packed in a common way and not absurdly well."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _Fault("special", name=shown(member.orig_filename))
    if member.flag_bits & 0x1:
        raise _Fault("encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Fault("packing", name=shown(member.orig_filename))
    if member.file_size > 1024**2 and member.file_size > MAX_RATIO * max(1, member.compress_size):
        raise _Fault("bomb")


def _check_twins(names: Iterable[str]) -> None:
    """Refuse two names that some file system takes for one: nobody can say which was meant."""
    seen: set[str] = set()
    for name in names:
        key = unicodedata.normalize("NFKC", name).casefold().rstrip("/")
        if key in seen:
            raise _Fault("twins", name=shown(name))
        seen.add(key)


def _check_overlap(members: Sequence[zipfile.ZipInfo]) -> None:
    """Members that share bytes are how a small file unpacks to a huge one; nobody's tool writes such an archive."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise _Fault("overlap")
        end = member.header_offset + _LOCAL_HEADER + len(member.orig_filename) + member.compress_size


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as stream:
        data = stream.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise _Fault("file_too_large", name=shown(member.orig_filename), limit=MAX_FILE // 1024)
    return data


def _pick(names: Sequence[str], expected: Collection[str]) -> tuple[str, dict[str, str], list[Text]]:
    """The folder that the expected paths are below, which name holds each, and a note on what else was there."""
    useful = [name for name in names if not _NOISE.search(name)]
    roots = {name.removesuffix(path) for name in useful for path in expected if f"/{name}".endswith(f"/{path}")}
    roots = {root for root in roots if root.count("/") <= 3}
    if not roots:
        raise _Fault("nothing", names=", ".join(sorted(expected)[:4]))
    if len(roots) > 1:
        raise _Fault("several", roots=", ".join(shown(root) or "." for root in sorted(roots)[:4]))
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
        raise _Fault("nothing", names=", ".join(sorted(expected)[:4]))
    root = holding[0]
    files: dict[str, bytes] = {}
    for name in expected:
        path = root / name
        if path.is_symlink() or path.parent.is_symlink():
            raise _Fault("special", name=shown(name))
        if path.is_file():
            files[name] = _small(path, name)
    return root.name, files, []


def _small(path: Path, name: str) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise _Fault("file_too_large", name=name, limit=MAX_FILE // 1024)
    return data


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return "sha256:" + digest.hexdigest()


REASONS: dict[str, Text] = {
    "link": Text(en="it is a symbolic link; hand in the file itself", zh="这是符号链接；请提交文件本身"),
    "not_a_file": Text(en="it is not a plain file; hand in a zip", zh="这不是普通文件；请提交 zip 文件"),
    "too_large": Text(
        en="it is larger than {limit} MiB; send only the bundle's files", zh="超过 {limit} MiB；请只提交试题包里的文件"
    ),
    "too_many": Text(
        en="it has more than {limit} members; send only the bundle's files",
        zh="包含超过 {limit} 个成员；请只提交试题包里的文件",
    ),
    "bomb": Text(en="it unpacks to far more than it should (a zip bomb)", zh="解压后体积远超正常范围（疑似压缩炸弹）"),
    "name": Text(
        en="the member '{name}' has a name that leads outside its folder or is otherwise unsafe",
        zh="成员“{name}”的名称指向目录之外，或在其他方面不安全",
    ),
    "special": Text(
        en="'{name}' is a link or a special file; send plain files", zh="“{name}”是链接或特殊文件；请只提交普通文件"
    ),
    "encrypted": Text(en="it is encrypted; pack it again without a password", zh="压缩包已加密；请去掉密码后重新打包"),
    "packing": Text(
        en="'{name}' is packed in an unusual way; pack it again as a plain zip",
        zh="“{name}”使用了不常见的压缩方式；请用普通 zip 重新打包",
    ),
    "twins": Text(
        en="two members are called '{name}' (or differ only in case)", zh="有两个成员名为“{name}”（或仅大小写不同）"
    ),
    "overlap": Text(en="its members overlap (a zip bomb)", zh="成员数据相互重叠（疑似压缩炸弹）"),
    "damaged": Text(en="it is not a zip that can be read; pack it again", zh="不是可读取的 zip 文件；请重新打包"),
    "file_too_large": Text(en="'{name}' is larger than {limit} KiB", zh="“{name}”超过 {limit} KiB"),
    "nothing": Text(
        en="it holds none of the files that were asked for ({names}, …)", zh="其中没有任何要求提交的文件（{names} 等）"
    ),
    "several": Text(
        en="it holds more than one set of answers ({roots}); send one", zh="包含多份答卷（{roots}）；请只提交一份"
    ),
}
