"""A submission: immutable source, and its digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a person handed in for one exercise; `name` is only for display.

    `modules` are the person's own that `source` imports: a path below the folder of the solution, such as `maths.py`
    or `nets/layers.py`, and the source of each.
    """

    name: str
    source: str
    modules: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """`sha256:` and the hex digest of the source in UTF-8, followed by the modules where there are any."""
        parts = [self.source, *(part for module in sorted(self.modules) for part in module)]
        # No source holds a null byte, so nothing else gives the same bytes.
        return "sha256:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
