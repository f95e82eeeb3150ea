"""What time it is, injected so that weeks of practice can be played through in a test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol

DAY_BEGINS = timedelta(hours=4)  # who practises after midnight still practises today


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time, with the time zone of the person."""


class SystemClock:
    """The computer's clock, in its own time zone."""

    def now(self) -> datetime:
        """The time here."""
        return datetime.now(UTC).astimezone()


def day_of(moment: datetime) -> date:
    """The day of practice that `moment` belongs to, where it was taken."""
    return (moment - DAY_BEGINS).date()
