"""Files in which what was read from a pack is kept for the next process.

The cache is a convenience: when a file is missing, damaged or cannot be written, packs are read from their own files.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 512 * 1024 * 1024


def cache_folder() -> Path | None:
    """Where caches of ours go; None where there shall be none."""
    wish = os.environ.get("VIVA_CACHE")
    if wish is not None:
        return Path(wish) if wish else None
    from platformdirs import user_cache_path

    return user_cache_path("viva", appauthor=False)


@functools.cache
def code_digest() -> str:
    """A digest of all that decides what a pack's file reads to: our code, the libraries and the interpreter."""
    digest = hashlib.sha256(f"{sys.version} {_version('pydantic')} {_version('pyyaml')}".encode())
    package = Path(__file__).resolve().parents[1]
    for path in sorted([*package.glob("content/*.py"), *package.glob("model/*.py")]):
        with contextlib.suppress(OSError):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(name: str) -> str:
    from importlib.metadata import version

    return version(name)


def read_checked(place: Path) -> bytes:
    """What `write_checked` wrote there; empty when there is nothing, or it is damaged."""
    try:
        data = place.read_bytes()
    except OSError:
        return b""
    body = data[4:]
    return body if len(data) <= MAX_BYTES and zlib.crc32(body) == int.from_bytes(data[:4]) else b""


def write_checked(place: Path, body: bytes) -> None:
    """Write `body` and its checksum. Raises OSError."""
    _write_whole(place, zlib.crc32(body).to_bytes(4) + body)


def _write_whole(place: Path, data: bytes) -> None:
    """Write `data` beside `place` and move it there, so that nobody reads half of it. Raises OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
