"""Which suites a worker judges by: those installed beside it, and those of packs that it gets from the database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from grader.database.queue import queue_of
from grader.errors import StoreError
from grader.guest.placement import CPU
from grader.model.exercise import Exercise
from grader.model.service import Claim, ExerciseVersion, StoredSuite
from grader.service.packs import Shelf
from grader.service.submitting import version_of

ASIDE_S: Final = 30.0  # how long nothing is taken of a suite that could not be had
_log = logging.getLogger("viva.worker")


class Suites:
    """Every suite by its version; `queues` names where their gradings wait."""

    def __init__(
        self, own: Mapping[str, Exercise], shelf: Shelf, wanted: Callable[[StoredSuite], bool], device: str = CPU
    ) -> None:
        """`own` are installed here, by slug; `wanted` says which others this worker may take, `device` where."""
        self._own = {version_of(one): one for one in own.values()}
        self._own |= {_by_number(one): exercise for one, exercise in self._own.items()}
        self._shelf = shelf
        self._wanted = wanted
        self._device = device
        self._stored: dict[ExerciseVersion, StoredSuite] = {}
        self._fetched: dict[ExerciseVersion, Exercise] = {}
        self._aside: dict[ExerciseVersion, float] = {}
        self.queues: list[str] = []
        self._list_queues()

    def know(self, stored: Sequence[StoredSuite]) -> None:
        """Take note of what is in the database now; what is there no more is let go of."""
        self._stored = {one.of: one for one in stored if one.of not in self._own and self._wanted(one)}
        self._fetched = {of: one for of, one in self._fetched.items() if of in self._stored}
        self._shelf.keep_only({one.pack for one in self._stored.values()})
        self._list_queues()

    async def ready(self, of: ExerciseVersion) -> None:
        """Bring a suite here. Raises StoreError where it cannot be had, and takes nothing for it for a while."""
        if of in self._own or of in self._fetched:
            return
        try:
            self._fetched[of] = await self._shelf.exercise(self._known(of))
        except Exception:
            self._aside[of] = time.monotonic() + ASIDE_S
            self._list_queues()
            raise

    def exercise(self, claim: Claim) -> Exercise:
        """The exercise that a claim is for, once its suite is ready."""
        return self._own.get(claim.of) or self._fetched[claim.of]

    @property
    def slugs(self) -> set[str]:
        """The exercises that this worker takes."""
        return {of.exercise for of in (*self._own, *self._stored)}

    @property
    def installed(self) -> list[str]:
        """Digests of the suites that are installed beside this worker."""
        return sorted({of.suite for of in self._own if of.suite})

    def _known(self, of: ExerciseVersion) -> StoredSuite:
        if of not in self._stored:
            raise StoreError(
                f"this worker has no suite {of.suite} of the exercise {of.exercise}; one that has will take it",
                f"本工作进程没有编程题 {of.exercise} 的测试集 {of.suite}；由有它的工作进程处理",
            )
        return self._stored[of]

    def _list_queues(self) -> None:
        """Change the list in place: the queue reads it at each fetch."""
        now = time.monotonic()
        self._aside = {of: until for of, until in self._aside.items() if until > now}
        self.queues[:] = queues_of((of for of in (*self._own, *self._stored) if of not in self._aside), self._device)


def queues_of(versions: Iterable[ExerciseVersion], device: str) -> list[str]:
    """What a worker with that device takes from: whoever has a GPU has a CPU too."""
    places = dict.fromkeys((CPU, device))
    return [queue_of(one, place, modules=some) for one in versions for place in places for some in (False, True)]


def _by_number(of: ExerciseVersion) -> ExerciseVersion:
    """How a program that knew no digests of suites named it; its gradings may still be queued."""
    return ExerciseVersion(exercise=of.exercise, version=of.version, suite=None)
