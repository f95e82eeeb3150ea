"""What a judge is doing, on a page of memory that its parent can read however stuck the judge is."""

from __future__ import annotations

import contextlib
import enum
import mmap
import time
from collections.abc import Iterator

_TIME_BYTES = 8  # of a double
_PLACE_OF_PHASE = _TIME_BYTES


class Phase(enum.IntEnum):
    """Who is to blame for what happens now."""

    SUITE = 0  # the suite works, or waits for the first answer of this case: ours, unless time has simply run out
    DIGESTING = 1  # an answer of this case has begun to arrive: whatever is done with it is the candidate's


class Board:
    """Made before the judge is forked; the judge writes it and the parent reads it.

    The time is one aligned double that is stored and loaded as a whole. (`struct.pack_into` fills its place with zeros
    first: a parent that looked just then took a judge for one that had been at work since the machine was started.)
    """

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self._bytes = memoryview(self._page)
        self._since = self._bytes[:_TIME_BYTES].cast("d")

    def enter(self, phase: Phase) -> None:
        """Say what begins now; the time goes first, so that a reader never sees a phase older than it is."""
        self._since[0] = time.monotonic()
        self._page[_PLACE_OF_PHASE] = phase

    def heard(self) -> None:
        """An answer begins to arrive."""
        self.enter(Phase.DIGESTING)

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Around what asks a guest to load: when it has, the phase is what it was before."""
        before, _ = self.read()
        yield
        self.enter(before)

    def read(self) -> tuple[Phase, float]:
        """The phase, and the time (monotonic) at which it began, or at which the latest answer did."""
        phase = Phase(self._page[_PLACE_OF_PHASE])
        return phase, self._since[0]

    def close(self) -> None:
        """Give the page back."""
        self._since.release()
        self._bytes.release()
        self._page.close()
