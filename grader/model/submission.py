"""A submission: immutable source, and its digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a person handed in for one exercise; `name` is only for display."""

    name: str
    source: str

    @property
    def digest(self) -> str:
        """`sha256:` and the hex digest of the source in UTF-8."""
        return "sha256:" + hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()
