"""What looking at one source may cost, counted in steps where the work arises.

A step is a look at one possibility of one name: about a microsecond, and at most a few hundred bytes that are kept.
Steps do not depend on the machine, so that a source that costs too much costs too much everywhere.
"""

from __future__ import annotations

MAX_STEPS = 250_000  # 64 KiB of ordinary code take up to 27,000


class TooComplexError(Exception):
    """A source would take more work than it may; its author's fault, so `examination` turns it into an answer."""


class Budget:
    """The steps that are left."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Count `steps`; raises TooComplexError when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise TooComplexError
