"""Ids that sort by the time they were made: UUIDs of version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID

_PARTS = 4096  # of a millisecond: 12 bits


class Ids:
    """Ids of one process, each after the one before it, also where the clock is set back (section 6.2, method 3)."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        """`clock` gives Unix time in nanoseconds."""
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def draw(self) -> UUID:
        """48 bits of Unix time in milliseconds, 12 bits of the next digits, then 62 random bits."""
        with self._lock:
            self._last = stamp = max(self._last + 1, self._clock() * _PARTS // 1_000_000)
        milliseconds, part = divmod(stamp, _PARTS)
        return UUID(int=(milliseconds & (2**48 - 1)) << 80 | 7 << 76 | part << 64 | 2 << 62 | secrets.randbits(62))


new_id = Ids().draw
