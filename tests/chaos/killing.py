"""Disturbance: SIGKILL of workers, engines' parents, PostgreSQL (one backend or all of it) and `viva serve` itself."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from tests.chaos.backend import Backend, cmdline

KILL_EVERY_S = (1.0, 4.0)


@dataclass
class Killing:
    """Ends processes of a backend at random, one kind at a time."""

    backend: Backend
    rng: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Until it is over; each victim is killed when the service is up, in the middle of things."""
        while not self.over.wait(self.rng.uniform(*KILL_EVERY_S)):
            kind = self.rng.choices(
                ["worker", "parent of an engine", "one PostgreSQL backend", "PostgreSQL", "viva serve"], [5, 4, 4, 1, 1]
            )[0]
            victims = self._victims(kind)
            if not victims:
                continue
            for victim in victims[:1]:
                with suppress(psutil.Error):
                    victim.kill()
            self.done[kind] += 1
            if kind == "viva serve" and self.backend.process is not None:
                self.backend.process.wait()
                self.backend.start()

    def _victims(self, kind: str) -> list[psutil.Process]:
        if self.backend.process is None or not self.backend.alive():
            return []
        me = psutil.Process(self.backend.process.pid)
        if kind == "viva serve":
            return [me]
        if kind.endswith("PostgreSQL") or "PostgreSQL" in kind:
            return self._of_database(whole=kind == "PostgreSQL")
        workers = self.backend.workers()
        if kind == "worker":
            return self.rng.sample(workers, len(workers))
        parents = [one for worker in workers for one in worker.children(recursive=True)]
        return self.rng.sample(parents, len(parents))

    def _of_database(self, *, whole: bool) -> list[psutil.Process]:
        pid_file = self.backend.folder / "data" / "postgresql" / "postmaster.pid"
        try:
            postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
            backends = [one for one in postmaster.children() if "postgres: postgres" in cmdline(one)]
        except (OSError, ValueError, IndexError, psutil.Error):
            return []
        return [postmaster] if whole else self.rng.sample(backends, len(backends))
