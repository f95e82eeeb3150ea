"""Entries that were read before, so that a process need not parse 2,000 files of YAML again.

One file per pack in the user's cache folder (`VIVA_CACHE` names another; an empty value means none): a header with a
checksum, then entries by the digest of their file's bytes, as MessagePack. A file that was changed has another digest,
and a change of the code that reads entries makes the whole cache void, so what comes out is what reading would give.
The cache is a convenience: when it is missing, damaged or cannot be written, entries are read from their files.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from grader.content.cache_file import cache_folder, code_digest, read_checked, write_checked
from grader.content.entry import check_name, freeze_entry
from grader.content.yaml_source import decode, digest_of, parse_document, read_bytes
from grader.model.entry import (
    BugEntry,
    ChoiceEntry,
    CodeEntry,
    Entry,
    Numeric,
    NumericEntry,
    NumericTemplate,
    OpenEntry,
    OrderEntry,
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _PlainNumber(NumericEntry):
    """Says which of the two kinds of number it has: msgspec cannot tell dataclasses in a union apart."""

    numeric: Numeric


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _TemplateNumber(NumericEntry):
    numeric: NumericTemplate


_CLASSES: Final[Mapping[str, type[Entry]]] = {
    "open": OpenEntry,
    "choice": ChoiceEntry,
    "multi": ChoiceEntry,
    "value": _PlainNumber,
    "template": _TemplateNumber,
    "order": OrderEntry,
    "bug": BugEntry,
    "code": CodeEntry,
}


class _Stored(msgspec.Struct, array_like=True, frozen=True):
    """The file: the digest of the code that wrote it, and (class, entry) by the digest of the entry's file."""

    code: str
    entries: dict[str, tuple[str, msgspec.Raw]]


class EntryCache:
    """The cache of the pack at `root`; nothing is read before the first entry is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._used: dict[str, tuple[str, msgspec.Raw]] = {}
        self._has_news = False

    def read(self, path: Path) -> Entry:
        """The entry in the file `path`; raises ContentError as `read_entry` does."""
        data = read_bytes(path)
        digest = digest_of(data)
        entry = self._find(digest, path)
        if entry is None:
            document = parse_document(path, decode(path, data), digest=digest)
            entry = freeze_entry(document)
            check_name(document, entry)
            self._used[digest] = _packed(entry)
            self._has_news = True
        return entry

    def save(self) -> None:
        """Write what was read, if any of it is new; entries that were not asked for this time are dropped."""
        place = self._place
        if place is None or not self._has_news:
            return
        body = msgspec.msgpack.encode(_Stored(code=code_digest(), entries=self._used))
        with contextlib.suppress(OSError):
            write_checked(place, body)
            self._has_news = False

    def _find(self, digest: str, path: Path) -> Entry | None:
        packed = self._known.get(digest)
        entry = None if packed is None else _unpacked(*packed, path)
        if packed is None or entry is None or entry.id != path.stem:
            return None
        self._used[digest] = packed
        return entry

    @functools.cached_property
    def _known(self) -> Mapping[str, tuple[str, msgspec.Raw]]:
        """What an earlier process kept."""
        body = b"" if self._place is None else read_checked(self._place)
        with contextlib.suppress(msgspec.MsgspecError):
            stored = msgspec.msgpack.decode(body, type=_Stored)
            return stored.entries if stored.code == code_digest() else {}
        return {}

    @functools.cached_property
    def _place(self) -> Path | None:
        folder = cache_folder()
        if folder is None:
            return None
        name = hashlib.sha256(os.fsencode(self._root.absolute())).hexdigest()[:32]
        return folder / "bank" / f"{name}.msgpack"


def _packed(entry: Entry) -> tuple[str, msgspec.Raw]:
    """The entry without its path, which may differ the next time."""
    return _class_name(entry), msgspec.Raw(msgspec.msgpack.encode(entry, enc_hook=_simplify))


def _unpacked(name: str, packed: msgspec.Raw, path: Path) -> Entry | None:
    try:
        entry = _decoder(name).decode(packed)
    except (KeyError, msgspec.MsgspecError):
        return None
    fields = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    fields["path"] = path
    if isinstance(entry, _TemplateNumber):
        parameters = MappingProxyType(dict(entry.numeric.parameters))
        fields["numeric"] = dataclasses.replace(entry.numeric, parameters=parameters)
    return (NumericEntry if isinstance(entry, NumericEntry) else type(entry))(**fields)


@functools.cache
def _decoder(name: str) -> msgspec.msgpack.Decoder[Entry]:
    return msgspec.msgpack.Decoder(_CLASSES[name], dec_hook=_restore)


def _class_name(entry: Entry) -> str:
    if isinstance(entry, NumericEntry):
        return "value" if isinstance(entry.numeric, Numeric) else "template"
    return entry.kind


def _simplify(value: object) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    if isinstance(value, Path):
        return ""
    raise NotImplementedError(type(value).__name__)


def _restore(kind: type, value: object) -> Any:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind.__name__)
