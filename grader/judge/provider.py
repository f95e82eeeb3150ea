"""The provider behind a suite's fixtures when the candidate's code is in a guest."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.guest.placement import CPU
from grader.judge.connection import BoxConnection, Usage, ask_for_boxes, asked_of_a_box
from grader.judge.failure import GuestFailure
from grader.judge.job import Job, SuiteSpec
from grader.judge.plugin import LocalProvider, load_module
from grader.judge.ranks import MAX_RANKS, Group, Rank
from grader.model.exercise import Tolerance
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.budget import Budget
from grader.wire.frame import Caps

MAX_BOXES = 4  # a submission whose boxes keep dying gets no more than so many
MAX_GROUPS = 8  # alike; and ranks that wait for ever are a common mistake, which shall not hide the other cases
_NOT_RUN = Text(en="not run, because earlier {reason}", zh="未运行，因为此前{reason}")
_OUT_OF_TIME = Text(en="the time limit of the whole submission ran out", zh="整份提交的时限已到")


class GuestProvider:
    """Holds at most one box and one group of them; a case that killed one does not take the next case with it."""

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
        self._deadline = self._ends
        self._case_seed: int | None = None
        self._single: Rank[BoxConnection] | None = None
        self._group: Group | None = None  # the present case's
        self._ranks: list[Rank[BoxConnection]] = []  # of which it is made; more than it asked for, perhaps
        self._started = {"boxes": 0, "groups": 0}
        self._last_failure: GuestFailure | None = None

    def begin_case(self) -> None:
        """Have no guest with anything of the last case in it, and start the case's clock.

        Guests are started when a case asks for them. Raises GuestFailure when there can be none any more.
        """
        self._drop_failed()
        if not self._guests():
            self._check_account(exhausted=False)
        self._start_clock()
        self._case_seed = None
        for guest in self._guests():
            guest.bridge.reset()

    def missing_entry_point(self) -> str | None:
        """The first name that the loaded module was to define and does not."""
        return next((name for name in self._spec.entry_points if not hasattr(self._alone().candidate, name)), None)

    @property
    def case_wall_s(self) -> float:
        """The wall time of one case in seconds."""
        return self._spec.limits.case_wall_s

    def local_reference(self) -> LocalProvider:
        """The reference in the candidate's place, on the same seed, in this process and so on the CPU."""
        return LocalProvider(self._spec.reference_path, self.seed, CPU, self.tolerance)

    @property
    def failure(self) -> GuestFailure | None:
        """The failure that ended a guest of the present case, if one has ended."""
        single = self._single.bridge.link.failure if self._single else None
        return single or (self._group.failure if self._group else None)

    def printed(self) -> str:
        """What the candidate printed since this was last asked."""
        return "".join(guest.connection.printed() for guest in self._guests())

    def close(self) -> None:
        """End all guests and settle the account in `usage`."""
        self._close_single()
        self._close_group()

    def candidate(self, suite: Path) -> Any:
        """The handle to the submission's module."""
        return self._alone().candidate

    def driver(self, suite: Path) -> Any:
        """The handle to the driver, which runs beside the submission."""
        return self._alone().driver

    def ranks(self, suite: Path, count: int) -> Group:
        """The first `count` guests of a group; a larger group of an earlier case serves as well."""
        if not 1 <= count <= MAX_RANKS:
            raise ValueError(f"ranks({count}): a group has 1 to {MAX_RANKS} ranks")
        if len(self._ranks) < count:
            self._close_group()
            self._start_group(count)
        else:
            self._group = Group(self._ranks[:count])
            self._start_clock()  # what the suite worked out before was no time of theirs
        assert self._group is not None
        return self._group

    def release_ranks(self) -> None:
        """The group stays for the next case, unless something went wrong in it."""

    def reference(self, suite: Path) -> Any:
        """The reference solution, in this process."""
        return self._reference

    def tolerances(self, suite: Path) -> Mapping[str, Tolerance]:
        """The manifest's."""
        return self.tolerance

    @property
    def tolerance(self) -> Mapping[str, Tolerance]:
        """What the manifest allows on the device of this verdict."""
        return self._spec.tolerance_on(self.device)

    def seed_candidate(self, seed: int) -> None:
        """Seed the global generators of every guest of this case; rank r's with `seed` + r."""
        self._case_seed = seed
        if self._single is not None:
            self._seed(self._single, 0)
        for number, rank in enumerate(self._ranks):
            self._seed(rank, number)

    def new_case(self) -> None:
        """Nothing: `begin_case` has done it, where a failure is an outcome."""

    def _guests(self) -> list[Rank[BoxConnection]]:
        return [*([self._single] if self._single else []), *self._ranks]

    def _alone(self) -> Rank[BoxConnection]:
        """The guest of those cases that need just one."""
        if self._single is None:
            self._admit("boxes", MAX_BOXES)
            caps = Caps()
            connection = BoxConnection(self._client, self._spec.limits, self.usage, caps, self._results)
            self._single = Rank(connection, caps, self.usage.budget, on_device=self.device != CPU)
            self._start_clock()  # building the box was ours
            self._single.load(self._job.source, self._driver_source(), self._job.modules)
            self._seed(self._single, 0)
        return self._single

    def _start_group(self, count: int) -> None:
        self._admit("groups", MAX_GROUPS)
        caps, limits = Caps(), self._spec.limits
        asked = ask_for_boxes(self._client, asked_of_a_box(limits), count)
        opened = [BoxConnection(self._client, limits, self.usage, caps, self._results, ends) for ends in asked]
        self._ranks = [Rank(connection, caps, self.usage.budget) for connection in opened]
        self._group = Group(self._ranks)
        self._start_clock()
        self._group.load(self._job.source, self._driver_source(), self._job.modules)
        for number, rank in enumerate(self._ranks):
            self._seed(rank, number)

    def _driver_source(self) -> str | None:
        return None if self._spec.driver is None else Path(self._spec.driver).read_text(encoding="utf-8")

    def _seed(self, guest: Rank[BoxConnection], number: int) -> None:
        if self._case_seed is not None:
            guest.bridge.seed(self._case_seed + number)

    def _admit(self, kind: str, most: int) -> None:
        """Count one more; raises GuestFailure when there have been too many, or the time is up."""
        self._check_account(exhausted=self._started[kind] >= most)
        self._started[kind] += 1

    def _check_account(self, *, exhausted: bool) -> None:
        late = time.monotonic() >= self._ends
        if self._last_failure is not None and (exhausted or late):
            raise GuestFailure(self._last_failure.status, _NOT_RUN.filled(reason=self._last_failure.message))
        if late:
            raise GuestFailure(Status.TIME_LIMIT, _OUT_OF_TIME)

    def _start_clock(self) -> None:
        for guest in self._guests():
            guest.bridge.link.deadline = min(time.monotonic() + self._spec.limits.case_wall_s, self._ends)

    def _drop_failed(self) -> None:
        """Of the last case's guests keep only those with which nothing went wrong."""
        self._last_failure = self.failure or self._last_failure
        if self._single is not None and not self._single.is_whole:
            self._close_single()
        if (self._group is not None and self._group.spent) or not all(rank.is_whole for rank in self._ranks):
            self._close_group()
        self._group = None

    def _close_single(self) -> None:
        if self._single is not None:
            self.violations += self._single.bridge.link.violations
            self._single.connection.close()
        self._single = None

    def _close_group(self) -> None:
        for rank in self._ranks:
            self.violations += rank.bridge.link.violations
            rank.connection.close()
        together = sum(rank.connection.peak_rss_bytes for rank in self._ranks)
        self.usage.peak_rss_bytes = max(self.usage.peak_rss_bytes, together)
        self._ranks = []


def load_reference(spec: SuiteSpec) -> Any:
    """The reference solution as a module of this process."""
    return load_module(spec.reference_path, f"reference_{spec.exercise}")
