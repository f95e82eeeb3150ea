"""Where the background engine of a user is found, and which one answers to this code."""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import stat
import struct
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

_PREFIX = "engine-"
_LAYERS = ("engine", "judge", "box", "guest", "wire", "model")


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of this user's background engine; nobody else can enter it."""

    folder: Path
    code: str

    @classmethod
    def of_user(cls) -> Place:
        """The place, made if need be: `VIVA_RUNTIME`, else below XDG_RUNTIME_DIR, else in the temporary folder.

        Raises UsageError when the folder belongs to somebody else, or is open to others.
        """
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(_private(folder), code_digest())

    @classmethod
    def every(cls) -> list[Place]:
        """Where an engine of whatever code may be listening."""
        folder = _folder()
        sockets = sorted(folder.glob(f"{_PREFIX}*.sock"))
        return [cls(_private(folder), path.stem.removeprefix(_PREFIX)) for path in sockets]

    @classmethod
    def with_engine(cls) -> Place | None:
        """The place, if an engine of this code may be listening there; None, and nothing is made, if not.

        Raises UsageError as `of_user` does.
        """
        folder = _folder()
        if not any(folder.glob(f"{_PREFIX}*.sock")):
            return None  # without working out which code this is
        place = cls(_private(folder), code_digest())
        return place if place.socket.exists() else None

    @property
    def socket(self) -> Path:
        """Where to connect. Its name says which code serves there: an engine of older code is not asked."""
        return self.folder / f"{_PREFIX}{self.code}.sock"

    @property
    def lock(self) -> Path:
        """Held by the engine for as long as it lives."""
        return self.folder / f"{_PREFIX}{self.code}.lock"

    @property
    def log(self) -> Path:
        """What the engine wrote to its standard error."""
        return self.folder / "engine.log"


def _folder() -> Path:
    wish = os.environ.get("VIVA_RUNTIME")
    if wish:
        return Path(wish)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "viva"
    return Path(tempfile.gettempdir()) / f"viva-{os.getuid()}"


def _private(folder: Path) -> Path:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"{folder} is not a private folder of yours; remove it, or name another in VIVA_RUNTIME",
            f"{folder} 不是你私有的目录；请删除它，或用 VIVA_RUNTIME 指定另一个",
        )
    return folder


@functools.cache
def code_digest() -> str:
    """Short name of the code that an engine runs, and its interpreter: which files, how large and how old."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(f"{sys.executable} {sys.version} {package}".encode())
    files = [package / "errors.py", *(path for layer in _LAYERS for path in (package / layer).glob("*.py"))]
    for path in sorted(files):
        found = path.stat()
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def user_of(stream: socket.socket) -> int:
    """The user at the other end, as the kernel knows it; where it cannot be asked, the closed folder must do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return os.geteuid()
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(uid)
