"""Verdicts that can be checked elsewhere: signed with Ed25519 (RFC 8032) over their canonical JSON.

Canonical is: UTF-8, keys sorted, no blanks, no escapes but those that JSON demands, whole numbers without a
fraction (so
that a reader which has one kind of number changes nothing), everything but the member `signature`.
A signature names its key; the public keys of a service are published, so that a candidate can carry a verdict from one
platform to another and nobody on the way can touch it. A key that was given up stays published with the time in which
it was in use; one that was revoked, because somebody else may have it, vouches for nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from grader.errors import StoreError, UsageError

ALGORITHM: Final = "Ed25519"
ENVIRONMENT: Final = "VIVA_SIGNING_KEY"
_FILE: Final = "signing.key"
_SEED_BYTES: Final = 32
_log = logging.getLogger("viva.signing")


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that are signed."""
    unsigned = _whole({name: value for name, value in document.items() if name != "signature"})
    text = json.dumps(unsigned, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


class PrivateKey:
    """One private key."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.text = base64.b64encode(seed).decode("ascii")
        self.public = public_bytes(self._key.public_key())
        self.key_id = key_id(self.public)

    @classmethod
    def drawn(cls) -> PrivateKey:
        """A new one, from the system's randomness."""
        return cls(os.urandom(_SEED_BYTES))

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        return self._key.sign(message)


class Signer:
    """Signs with the key of an installation: the one in the environment, else the one in a file.

    The file may be replaced while the service runs: whatever is signed next is signed with the new key.
    """

    def __init__(self, folder: Path) -> None:
        """Take the environment's key, else that of `folder`, which is drawn the first time.

        Raises UsageError, and StoreError where it cannot be kept.
        """
        given = os.environ.get(ENVIRONMENT)
        self._file = None if given else folder / _FILE
        if self._file is not None and not self._file.exists():
            _keep(self._file, PrivateKey.drawn(), instead=False)
        self._seen = self._stamp()
        self._key = PrivateKey(_decoded(given) if given else _read(folder / _FILE))

    @property
    def key(self) -> PrivateKey:
        """The key in force; the one before where its file cannot be read now."""
        stamp = self._stamp()
        if stamp != self._seen and self._file is not None:
            self._seen = stamp
            try:
                self._key = PrivateKey(_read(self._file))
            except (UsageError, OSError) as error:
                _log.error("the new signing key cannot be read (%s); the one before stays in force", error)
        return self._key

    @property
    def key_id(self) -> str:
        """The id of the key in force."""
        return self.key.key_id

    @property
    def is_in_file(self) -> bool:
        """Whether the key lies in a file of the data folder, which can be replaced here."""
        return self._file is not None

    def replace(self, key: PrivateKey) -> None:
        """Have every process that signs with this file use `key` from now on."""
        assert self._file is not None, "a key of the environment is replaced there"
        _keep(self._file, key, instead=True)

    def signed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with its signature."""
        key = self.key
        value = base64.b64encode(key.sign(canonical(document))).decode("ascii")
        return {**document, "signature": {"algorithm": ALGORITHM, "key_id": key.key_id, "value": value}}

    def _stamp(self) -> tuple[int, int]:
        """What changes when the file is another one."""
        if self._file is None:
            return (0, 0)
        try:
            found = self._file.stat()
        except OSError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)


def has_key(folder: Path) -> bool:
    """Whether there is a key: in the environment, or in `folder`."""
    return bool(os.environ.get(ENVIRONMENT)) or (folder / _FILE).exists()


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public: bytes) -> str:
    """A key's name: the beginning of its SHA-256 digest."""
    return hashlib.sha256(public).hexdigest()[:16]


def _read(path: Path) -> bytes:
    return _decoded(path.read_text("ascii"))


def _keep(path: Path, key: PrivateKey, *, instead: bool) -> None:
    """Put a key in its file, whole or not at all; of two that draw the first one, the first wins. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".signing.", dir=path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(key.text + "\n")
                file.flush()
                os.fsync(file.fileno())
            if instead:
                _give_to_owner(fresh, path)
                fresh.replace(path)
            else:
                with suppress(FileExistsError):
                    path.hardlink_to(fresh)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"the signing key cannot be kept in {path} ({error.strerror}); make room or name another folder with "
            f"--data, or set {ENVIRONMENT}",
            f"无法把签名密钥保存到 {path}（{error.strerror}）；请腾出空间，或用 --data 换一个目录，"
            f"或设置 {ENVIRONMENT}",
        ) from error


def _give_to_owner(fresh: Path, path: Path) -> None:
    """Let the service read a key that an operator changed as root."""
    if os.geteuid() == 0:
        before = path.stat()
        os.chown(fresh, before.st_uid, before.st_gid)


def _decoded(text: str) -> bytes:
    try:
        seed = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        seed = b""
    if len(seed) != _SEED_BYTES:
        raise UsageError(
            f"the signing key is not {_SEED_BYTES} bytes in base64; look at {ENVIRONMENT} and at signing.key",
            f"签名密钥不是 base64 编码的 {_SEED_BYTES} 个字节；请检查 {ENVIRONMENT} 和 signing.key",
        )
    return seed
