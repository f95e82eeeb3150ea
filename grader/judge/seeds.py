"""Every random number of a verdict comes from one secret seed, and can be replayed from it."""

from __future__ import annotations

import hashlib


def derive(seed: int, *purpose: str) -> int:
    """A 63-bit seed for one purpose; one-way, so that whoever sees it learns nothing of `seed` or of other purposes."""
    text = "\x1f".join([str(seed), *purpose])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
