"""A worker that sleeps for a recorded verdict time instead of grading: what the database and the queue can carry."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from grader.model.service import Claim, Made


@dataclass(frozen=True, slots=True)
class SimulatedJudging:
    """Makes the same verdict of every claim after `seconds`; a recorded document keeps its size true."""

    seconds: float
    made: Made

    async def ready(self, claim: Claim) -> None:
        """No suite is needed."""
        del claim

    async def judge(self, claim: Claim) -> Made:
        """The recorded verdict, later."""
        del claim
        await asyncio.sleep(self.seconds)
        return self.made

    def not_judged(self, claim: Claim, reason: str) -> Made:
        """The recorded verdict."""
        del claim, reason
        return self.made
