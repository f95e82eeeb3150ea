"""A pack as one archive, under one digest: how it travels from the operator to the machines that grade.

An archive holds regular files below the folders of a pack and nothing else. Its digest is over names and bytes of these
files, so who made it, when and with which program changes nothing. One that comes from elsewhere is read as a stream
within caps: a member is looked at before its bytes are, and nothing is written before all of them were.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, cast

from grader.content.plain_files import MAX_DEPTH, MAX_FILE_BYTES, PARTS, plain_files
from grader.errors import UsageError
from grader.files import read_file
from grader.model.exercise import Exercise

MAX_ARCHIVE_BYTES: Final = 32 * 1024**2  # as it lies on disk and in the database
MAX_TOTAL_BYTES: Final = 64 * 1024**2  # unpacked, with what the archive says of its members
MAX_MEMBERS: Final = 20_000
LONGEST_NAME: Final = 400
_GZIP: Final = b"\x1f\x8b"
_UNREAD: Final = frozenset({"__pycache__"})
_BROKEN: Final = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError)

PackFiles = Mapping[str, bytes]
"""The bytes of each file, by its path from the pack's folder, with slashes."""


def files_of_folder(root: Path) -> dict[str, bytes]:
    """The files of the pack in a folder. Raises ContentError for one that holds more than plain files, UsageError."""
    files: dict[str, bytes] = {}
    total = 0
    for path in plain_files(root):
        name = path.relative_to(root).as_posix()
        _require_name(name)
        files[name] = path.read_bytes()
        total += len(files[name])
        if total > MAX_TOTAL_BYTES or len(files) > MAX_MEMBERS:
            raise _refused(*_TOO_LARGE)
    return files


def files_of_exercises(exercises: Iterable[Exercise]) -> dict[str, bytes]:
    """Both halves of exercises that are installed here, as files of one pack."""
    return {
        f"{half}/{one.id}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for one in exercises
        for half, folder in (("exercises", one.public_dir), ("reference", one.private_dir))
        for path in folder.rglob("*")
        if path.is_file() and not _UNREAD & set(path.parts)
    }


def read_archive(path: Path) -> dict[str, bytes]:
    """The files of the pack in an archive on disk. Raises UsageError for what is none, or holds what it must not."""
    try:
        return files_of(read_file(path, MAX_ARCHIVE_BYTES))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}); name a pack's folder, or a .tar.gz of one",
            f"无法读取 {path}（{error.strerror}）；请指定题库包的目录，或其 .tar.gz 归档",
        ) from error


def files_of(archive: bytes) -> dict[str, bytes]:
    """The files of the pack in an archive. Raises UsageError for what is none, or holds what it must not."""
    stream: BinaryIO = io.BytesIO(archive)
    if archive.startswith(_GZIP):
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    try:
        with tarfile.open(fileobj=cast(BinaryIO, _Capped(stream)), mode="r|") as tar:
            found = dict(_members(tar))
    except _BROKEN as error:
        raise UsageError(
            "the archive is damaged, or no tar; make it with `tar -czf pack.tar.gz -C FOLDER .`",
            "归档已损坏，或不是 tar；请用 `tar -czf pack.tar.gz -C 目录 .` 制作",
        ) from error
    return _of_pack(found)


def archive_of(files: PackFiles) -> bytes:
    """Files as an archive: the same files give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o644
            tar.addfile(member, io.BytesIO(files[name]))
    archive = gzip.compress(packed.getvalue(), mtime=0)
    if len(archive) > MAX_ARCHIVE_BYTES or packed.tell() > MAX_TOTAL_BYTES:
        raise _refused(*_TOO_LARGE)
    return archive


def digest_of(files: PackFiles) -> str:
    """`sha256:` and the digest over all files, each by its path and its bytes, both preceded by their lengths."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return "sha256:" + digest.hexdigest()


def write_files(files: PackFiles, folder: Path) -> None:
    """Write a pack into an empty folder; nobody but its owner may read it. Raises OSError."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)


class _Capped(io.RawIOBase):
    """A stream of which so much is read and no more."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = MAX_TOTAL_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        """Some bytes. Raises UsageError when they are too many."""
        wanted = self._left + 1 if size is None or size < 0 else size
        data = self._stream.read(min(wanted, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise _refused(*_TOO_LARGE)
        return data


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files in an archive; each is judged by its header before it is read."""
    seen: set[str] = set()
    for count, member in enumerate(tar):
        if count == MAX_MEMBERS:
            raise _refused(*_TOO_LARGE)
        name = member.name.removeprefix("./").rstrip("/")
        if member.isdir() and name in ("", "."):
            continue
        _require_name(name)
        if not member.isdir():
            _require_file(member, name)
            if name in seen:
                raise _refused(*_TWICE, name=name)
            seen.add(name)
            stream = tar.extractfile(member)
            yield name, b"" if stream is None else stream.read(MAX_FILE_BYTES)


def _require_file(member: tarfile.TarInfo, name: str) -> None:
    if not member.isreg() or member.issparse():
        raise _refused(*_NOT_PLAIN, name=name)
    if member.size > MAX_FILE_BYTES:
        raise _refused(*_FILE_TOO_LARGE, name=name)


def _require_name(name: str) -> None:
    parts = name.split("/")
    leads_away = name.startswith("/") or "\\" in name or any(part in ("", ".", "..") for part in parts)
    if leads_away or not name.isprintable() or len(name) > LONGEST_NAME or len(parts) > MAX_DEPTH:
        raise _refused(*_BAD_NAME, name=name)


def _of_pack(found: PackFiles) -> dict[str, bytes]:
    """The files below a pack's folders; these may lie in one folder, as `tar` of a folder leaves them."""
    tops = {name.partition("/")[0] for name in found}
    if len(tops) == 1 and not tops & set(PARTS):
        found = {name.partition("/")[2]: data for name, data in found.items() if "/" in name}
    files = {name: data for name, data in found.items() if _is_read(name)}
    _require_tree(files)
    return files


def _is_read(name: str) -> bool:
    parts = name.split("/")
    return parts[0] in PARTS and len(parts) > 1 and not _UNREAD & set(parts)


def _require_tree(names: Iterable[str]) -> None:
    """Raise UsageError where something is a file and a folder."""
    known = set(names)
    for name in known:
        parts = name.split("/")
        if any("/".join(parts[:count]) in known for count in range(1, len(parts))):
            raise _refused(*_TWICE, name=name)


_TOO_LARGE: Final = (
    f"it has more than {MAX_TOTAL_BYTES // 1024**2} MB unpacked, {MAX_ARCHIVE_BYTES // 1024**2} MB packed or "
    f"{MAX_MEMBERS} files; split the pack",
    f"解包后超过 {MAX_TOTAL_BYTES // 1024**2} MB、压缩后超过 {MAX_ARCHIVE_BYTES // 1024**2} MB，"
    f"或文件多于 {MAX_MEMBERS} 个；请拆成几个题库包",
)
_TWICE: Final = ("{name} is in it twice; make the archive anew", "{name} 出现了两次；请重新制作归档")
_NOT_PLAIN: Final = (
    "{name} is a link, a device or a pipe; put a copy of the file there: a pack holds regular files only",
    "{name} 是链接、设备或管道；请换成文件的副本：题库包只能包含普通文件",
)
_FILE_TOO_LARGE: Final = (
    f"{{name}} is larger than {MAX_FILE_BYTES // 1024**2} MB; make it smaller",
    f"{{name}} 大于 {MAX_FILE_BYTES // 1024**2} MB；请缩小",
)
_BAD_NAME: Final = (
    "the name {name} leads out of the pack, is too long or too deep, or holds what cannot be printed; rename it",
    "文件名 {name} 指向题库包之外、过长、层次过深或含有不可打印的字符；请改名",
)


def _refused(english: str, chinese: str, name: str = "") -> UsageError:
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)[:200]
    return UsageError(
        f"the pack is refused: {english.format(name=printable)}", f"拒绝该题库包：{chinese.format(name=printable)}"
    )
