"""Packs that were fetched, each in a folder named after its digest, kept for the next process.

Several processes share the folder. One that uses a pack holds a shared lock on a file beside it, which ends with the
process; a pack is removed only under an exclusive lock. It appears whole, by a rename, and what lies there is believed
only after its digest was computed again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.content.pack_archive import digest_of, files_of, files_of_folder, write_files
from grader.errors import GraderError, StoreError

MOST_BYTES: Final = 1024**3
_STALE_S: Final = 3600.0  # what is half written for so long is nobody's any more
_WHOLE: Final = re.compile(r"[0-9a-f]{64}")


class PackCache:
    """Packs in `folder`, which is this user's alone; at most `most_bytes`, apart from those in use."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        """Make the folder. Raises OSError where it cannot be written."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._folder = folder
        self._most = most_bytes
        self._held: dict[str, int] = {}
        self._tidy()

    def find(self, digest: str) -> Path | None:
        """The folder of a pack, which stays until it is let go; None where it must be fetched."""
        place = self._hold(digest)
        if not place.is_dir():
            return None
        if _is_whole(place, digest):
            os.utime(place)
            return place
        self._remove(place)
        return None

    def keep(self, digest: str, archive: bytes) -> Path:
        """Unpack what was fetched. Raises StoreError where it is another pack, UsageError where none, and OSError."""
        place = self._hold(digest)
        files = files_of(archive)
        if digest_of(files) != digest:
            raise StoreError(
                f"the archive of pack {digest[:19]}… in the database is damaged; add the pack again",
                f"数据库中题库包 {digest[:19]}… 的归档已损坏；请重新添加该题库包",
            )
        new = Path(tempfile.mkdtemp(dir=self._folder, prefix=".new-"))
        try:
            write_files(files, new)
            with contextlib.suppress(FileExistsError):
                _rename(new, place)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        self._evict()
        return place

    def let_go(self, digest: str) -> None:
        """Allow a pack to be removed when room is needed."""
        descriptor = self._held.pop(digest, None)
        if descriptor is not None:
            os.close(descriptor)

    def close(self) -> None:
        """Let go of all."""
        for digest in list(self._held):
            self.let_go(digest)

    def _hold(self, digest: str) -> Path:
        if digest not in self._held:
            self._held[digest] = self._lock(_name(digest), fcntl.LOCK_SH)
        return self._folder / _name(digest)

    def _lock(self, name: str, how: int) -> int:
        """A descriptor that holds a pack's lock; raises BlockingIOError where `how` does not wait."""
        descriptor = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _evict(self) -> None:
        """Remove packs that nobody uses, the longest unused first, until there is room."""
        total = 0
        mine = {_name(digest) for digest in self._held}
        for place in sorted(self._packs(), key=lambda path: path.stat().st_mtime, reverse=True):
            total += sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
            if total > self._most and place.name not in mine:
                with contextlib.suppress(BlockingIOError):
                    descriptor = self._lock(place.name, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._remove(place)
                    os.close(descriptor)

    def _packs(self) -> Iterator[Path]:
        return (path for path in self._folder.iterdir() if _WHOLE.fullmatch(path.name))

    def _remove(self, place: Path) -> None:
        """Take a pack out of sight, then away."""
        aside = Path(tempfile.mkdtemp(dir=self._folder, prefix=".old-"))
        with contextlib.suppress(OSError):
            place.rename(aside / place.name)
        shutil.rmtree(aside, ignore_errors=True)

    def _tidy(self) -> None:
        """Remove what a process left that was killed while it wrote."""
        for path in (*self._folder.glob(".new-*"), *self._folder.glob(".old-*")):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - _STALE_S:
                    shutil.rmtree(path, ignore_errors=True)


def _name(digest: str) -> str:
    name = digest.removeprefix("sha256:")
    assert _WHOLE.fullmatch(name), "a digest comes from digest_of"
    return name


def _is_whole(place: Path, digest: str) -> bool:
    try:
        return digest_of(files_of_folder(place)) == digest
    except (GraderError, OSError):
        return False


def _rename(new: Path, place: Path) -> None:
    """Raises FileExistsError where another process was quicker: then the same files lie there."""
    try:
        new.rename(place)
    except OSError as error:
        if not place.is_dir():
            raise
        raise FileExistsError(place) from error
