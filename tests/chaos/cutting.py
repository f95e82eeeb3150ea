"""Disturbance: the network between a worker and the database is cut, with a reset or without a word."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.backend import FarWorker

CUT_EVERY_S = (3.0, 10.0)
CUT_FOR_S = (0.1, 25.0)  # the longest ones cost the worker its jobs, and make it come late


@dataclass
class Cutting:
    """Cuts the line of a far worker at random, and mends it."""

    far: FarWorker
    rng: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Until it is over; at the end the line holds."""
        line = self.far.line
        while not self.over.wait(self.rng.uniform(*CUT_EVERY_S)):
            self.far.keep()
            is_reset = self.rng.random() < 0.5
            (line.cut if is_reset else line.stall)()
            self.done["network cut" if is_reset else "network silent"] += 1
            self.over.wait(self.rng.triangular(*CUT_FOR_S, CUT_FOR_S[0]))
            line.mend(forget=not is_reset and self.rng.random() < 0.3)
        self.far.keep()
