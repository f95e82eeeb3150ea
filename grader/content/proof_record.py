"""`reference/proofs.jsonl`: for which files every claim about an exercise was proven, one exercise a line.

The record saves time and earns no trust: whoever can write to the repository can write a line by hand. So a share of
the exercises is proven again each time, each exercise in its own turn, and a full run proves all of them, whatever is
written here. Without a line, or with one for other files or fewer seeds, an exercise is proven.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from grader.content.pack import Pack
from grader.errors import ContentError, unreadable, unwritable
from grader.files import read_file, write_file

FILE: Final = "reference/proofs.jsonl"
_HALVES: Final = ("exercises", "reference")
# Of our own code: what decides whether a claim holds. What finds or prints claims can change without proving again.
_DECIDING: Final = (
    "box/**/*.py", "engine/**/*.py", "grading/**/*.py", "guest/**/*.py", "judge/**/*.py", "wire/**/*.py",
    "model/exercise.py", "content/edits.py", "content/manifest.py", "content/mutants.py", "content/promises.py",
)  # fmt: skip
_LIBRARIES: Final = ("numpy", "pandas", "pytest", "scikit-learn", "scipy", "torch")
_MEND: Final = "delete the line, and write it anew with `viva check --changed --record`"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That all claims about one exercise held: of which files (their digest), by which engine, on how many seeds."""

    exercise: str
    digest: str
    engine: str
    seeds: int
    claims: int
    on: date


def read_records(root: Path) -> Mapping[str, Record]:
    """The records of the pack at `root`, by slug; none where there is no file. Raises ContentError and UsageError."""
    path = root / FILE
    if not path.is_file():
        return {}
    try:
        lines = read_file(path).splitlines()
    except OSError as error:
        raise unreadable(path, error.strerror, "mend its permissions", "请修正其权限") from error
    records: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        record = _read_line(path, number, line)
        if record.exercise in records:
            problem = f"`{record.exercise}` has a line already, as after a merge that kept both"
            raise ContentError(path, f"line {number}", problem, _MEND)
        records[record.exercise] = record
    return records


def current_records(pack: Pack, seeds: int) -> Mapping[str, Record]:
    """Those that hold for the files as they are, proven on `seeds` seeds or more."""
    return {slug: own for slug, own in read_records(pack.root).items() if own.seeds >= seeds and _holds(pack, own)}


def record_proofs(pack: Pack, proven: Iterable[Record], failed: Iterable[str]) -> None:
    """Write what was `proven`, and take out what `failed` and what the pack has no more. Raises UsageError."""
    records = {slug: own for slug, own in read_records(pack.root).items() if slug in pack.slugs}
    records.update({own.exercise: own for own in proven})
    for slug in failed:
        records.pop(slug, None)
    lines = (msgspec.json.encode(record) + b"\n" for _, record in sorted(records.items()))
    try:
        write_file(pack.root / FILE, b"".join(lines))
    except OSError as error:
        raise unwritable(pack.root / FILE, error.strerror, "mend its permissions", "请修正其权限") from error


def files_digest(root: Path, slug: str) -> str:
    """`sha256:` and the digest over every file of both halves of an exercise, with its path from `root`.

    A verdict's digest (`suite_digest`) leaves out what no verdict depends on; claims are about statements, promises,
    alternatives and notes too, and about files that do not belong there.
    """
    digest = hashlib.sha256()
    for path in sorted(_files(root, slug)):
        _add(digest, path.relative_to(root).as_posix().encode("utf-8", "surrogateescape"), path.read_bytes())
    return "sha256:" + digest.hexdigest()


@cache
def engine_digest() -> str:
    """`sha256:` and the digest over the parts of this package that decide claims, and the libraries they run with."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _DECIDING for path in package.glob(pattern)):
        _add(digest, path.relative_to(package).as_posix().encode(), path.read_bytes())
    for name in _LIBRARIES:
        _add(digest, name.encode(), _version(name).encode())
    return "sha256:" + digest.hexdigest()


def turn_of(slug: str, share: int) -> int:
    """In which of `share` turns an exercise is proven though nothing of it has changed: its own, whatever is added."""
    return zlib.crc32(slug.encode()) % share + 1


def turn_on(day: date, share: int) -> int:
    """Whose turn it is on a day: each day the next, so that `share` days in a row reach every exercise."""
    return day.toordinal() % share + 1


def _read_line(path: Path, number: int, line: bytes) -> Record:
    try:
        return msgspec.json.decode(line, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ContentError(path, f"line {number}", f"it is no record of a proof ({error})", _MEND) from error


def _holds(pack: Pack, record: Record) -> bool:
    return record.exercise in pack.slugs and record.digest == files_digest(pack.root, record.exercise)


def _files(root: Path, slug: str) -> Iterator[Path]:
    for half in _HALVES:
        for path in (root / half / slug).rglob("*"):
            if "__pycache__" not in path.parts and path.is_file():
                yield path


def _add(digest: hashlib._Hash, *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
