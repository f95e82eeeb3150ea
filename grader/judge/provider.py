"""The provider behind a suite's fixtures when the candidate's code is in a guest."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.judge.connection import BoxConnection, Usage
from grader.judge.failure import GuestFailure
from grader.judge.handle import Bridge, Handle
from grader.judge.job import Job, SuiteSpec
from grader.judge.plugin import LocalProvider, load_module
from grader.model.exercise import Tolerance
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.budget import Budget
from grader.wire.frame import Caps

MAX_BOXES = 4  # a submission whose boxes keep dying gets no more than so many
_NOT_RUN = Text(en="not run, because earlier {reason}", zh="未运行，因为此前{reason}")
_OUT_OF_TIME = Text(en="the time limit of the whole submission ran out", zh="整份提交的时限已到")


class GuestProvider:
    """Holds at most one box; a case that killed it does not take the next case with it."""

    def __init__(
        self,
        spec: SuiteSpec,
        job: Job,
        client: socket.socket,
        reference: Any,
        results: socket.socket | None = None,
    ) -> None:
        self.seed = job.seed
        self.device = job.device
        self.usage = Usage(budget=Budget.of(spec.limits.memory_mb))
        self.violations: list[str] = []
        self._spec = spec
        self._job = job
        self._client = client
        self._results = results
        self._reference = reference
        self._ends = time.monotonic() + spec.limits.wall_s
        self._connection: BoxConnection | None = None
        self._bridge: Bridge | None = None
        self._candidate: Handle | None = None
        self._driver: Handle | None = None
        self._boxes = 0
        self._last_failure: GuestFailure | None = None

    def begin_case(self) -> None:
        """Have a live guest with nothing of the last case in it, and start the case's clock.

        Raises GuestFailure when there can be none any more, and whatever the candidate's module raises on import.
        """
        if self._bridge is None or self._bridge.link.failure is not None:
            self._renew()
        else:
            self._start_clock()  # the last case's may have run out while the judge compared
            self._bridge.reset()
        self._start_clock()

    def missing_entry_point(self) -> str | None:
        """The first name that the loaded module was to define and does not."""
        return next((name for name in self._spec.entry_points if not hasattr(self._candidate, name)), None)

    @property
    def case_wall_s(self) -> float:
        """The wall time of one case in seconds."""
        return self._spec.limits.case_wall_s

    def local_reference(self) -> LocalProvider:
        """The reference in the candidate's place, on the same seed, in this process."""
        return LocalProvider(self._spec.reference_path, self.seed, self.device, self._spec.tolerance)

    @property
    def failure(self) -> GuestFailure | None:
        """The failure that ended the present guest, if it has ended."""
        return self._bridge.link.failure if self._bridge else None

    def printed(self) -> str:
        """What the candidate printed since this was last asked."""
        return self._connection.printed() if self._connection else ""

    def close(self) -> None:
        """End the guest and settle the account in `usage`."""
        if self._bridge is not None:
            self.violations += self._bridge.link.violations
        if self._connection is not None:
            self._connection.close()
        self._connection = self._bridge = None

    def candidate(self, suite: Path) -> Any:
        """The handle to the submission's module."""
        return self._candidate

    def driver(self, suite: Path) -> Any:
        """The handle to the driver, which runs beside the submission."""
        return self._driver

    def reference(self, suite: Path) -> Any:
        """The reference solution, in this process."""
        return self._reference

    def tolerances(self, suite: Path) -> Mapping[str, Tolerance]:
        """The manifest's."""
        return self._spec.tolerance

    def seed_candidate(self, seed: int) -> None:
        """Seed the guest's global generators."""
        if self._bridge is not None:
            self._bridge.seed(seed)

    def _renew(self) -> None:
        if self._bridge is not None:
            self._last_failure = self._bridge.link.failure
        self.close()
        if self._last_failure is not None and (self._boxes >= MAX_BOXES or time.monotonic() >= self._ends):
            raise GuestFailure(self._last_failure.status, _NOT_RUN.filled(reason=self._last_failure.message))
        if time.monotonic() >= self._ends:
            raise GuestFailure(Status.TIME_LIMIT, _OUT_OF_TIME)
        self._boxes += 1
        caps = Caps()
        self._connection = BoxConnection(self._client, self._spec.limits, self.usage, caps, self._results)
        self._bridge = Bridge(self._connection, caps, self.usage.budget)
        self._start_clock()
        self._candidate = self._bridge.load("solution", self._job.source)
        if self._spec.driver is not None:
            self._driver = self._bridge.load("driver", Path(self._spec.driver).read_text(encoding="utf-8"))

    def _start_clock(self) -> None:
        if self._bridge is not None:
            self._bridge.link.deadline = min(time.monotonic() + self._spec.limits.case_wall_s, self._ends)


def load_reference(spec: SuiteSpec) -> Any:
    """The reference solution as a module of this process."""
    return load_module(spec.reference_path, f"reference_{spec.exercise}")
