"""Disturbance: a worker is stopped (SIGSTOP) for so long that its jobs go elsewhere, and wakes up late."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from tests.chaos.backend import Backend

FREEZE_EVERY_S = (5.0, 20.0)
FROZEN_S = (1.0, 40.0)


@dataclass
class Freezing:
    """Stops one worker at a time, and lets it go on."""

    backend: Backend
    rng: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Until it is over; nobody stays stopped."""
        while not self.over.wait(self.rng.uniform(*FREEZE_EVERY_S)):
            workers = self.backend.workers()
            if not workers:
                continue
            victim = self.rng.choice(workers)
            with suppress(psutil.Error):
                victim.suspend()
                self.done["worker frozen"] += 1
            self.over.wait(self.rng.uniform(*FROZEN_S))
            with suppress(psutil.Error):
                victim.resume()
