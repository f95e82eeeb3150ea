"""When a message is tried again, and when it is given up."""

from __future__ import annotations

from typing import Final

# Five seconds, then longer each time, a day in all; a receiver that is down overnight misses nothing.
_WAITS_S: Final = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000)


def wait_before(attempt: int) -> float | None:
    """Seconds before the try that follows `attempt` failed ones (from 1); None when it is parked."""
    return float(_WAITS_S[attempt - 1]) if attempt <= len(_WAITS_S) else None
