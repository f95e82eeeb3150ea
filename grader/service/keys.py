"""Keys of tenants: `viva_<prefix>_<secret>`. The secret is shown once and kept as a digest.

A secret has 256 random bits, so a plain SHA-256 is as good as a slow hash: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from grader.model.service import Caller, KeyRecord

_FORM: Final = re.compile(r"viva_([0-9a-f]{12})_([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A key that was just drawn: what its owner is given, and what is kept."""

    shown: str
    prefix: str
    digest: bytes


def draw_key() -> FreshKey:
    """A new key from the system's randomness."""
    prefix, secret = secrets.token_hex(6), secrets.token_hex(32)
    return FreshKey(f"viva_{prefix}_{secret}", prefix, _digest(secret))


def prefix_of(presented: str) -> str | None:
    """The public part of what somebody presents as a key; None where it is none."""
    match = _FORM.fullmatch(presented)
    return match[1] if match else None


def admit(presented: str, record: KeyRecord | None, now: datetime) -> Caller | None:
    """Who presents `presented`, given what is kept under its prefix; None for anybody else.

    Compared in constant time. A key that is revoked or expired, or whose tenant is suspended, is nobody's.
    """
    match = _FORM.fullmatch(presented)
    if match is None or record is None or not hmac.compare_digest(_digest(match[2]), record.digest):
        return None
    over = record.revoked is not None or (record.expires is not None and record.expires <= now)
    if over or record.tenant.suspended:
        return None
    return Caller(tenant=record.tenant, key=record.id, scopes=record.scopes)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()
