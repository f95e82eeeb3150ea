"""One judge: the process that runs a suite against one submission and streams what came of it.

It is forked from a judge parent, which keeps its clock; on the board it says what it is doing. Its memory has a limit
of its own: where an answer fills it, the case is `memory_limit`.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import BoxError, GraderError
from grader.judge.diagnosis import matching_mutants
from grader.judge.job import Job, SuiteSpec
from grader.judge.phase import Board, Phase
from grader.judge.provider import GuestProvider
from grader.judge.ranks import Group
from grader.judge.run import CaseRecord, Suite, run_against_guest
from grader.judge.watch import GRACE_S
from grader.model.verdict import Outcome, Status
from grader.wire.passing import send_message

_MEMORY_BYTES = 4 * 1024**3  # of one judge: whatever a guest sends, this machine survives it
_OBSERVED_BYTES = 64 * 1024**2  # of what the failed cases of one verdict compared, kept for the diagnosis
_LARGE_BYTES = 32 * 1024**2  # of one case's answers: after more, what cycles of frames hold is collected at once


def be_judge(trial: Trial, reference: Any, results: int, guests: int) -> None:
    """Never returns."""
    status = 1
    try:
        signal.alarm(int(trial.spec.limits.wall_s + 2 * GRACE_S))  # for systems where it outlives its parent
        limit_memory()
        with socket.socket(fileno=results) as stream, socket.socket(fileno=guests) as client:
            try:
                trial.make(stream, _ToldProvider(trial, client, reference, stream))
                status = 0
            except BaseException as error:  # noqa: BLE001 - told to the engine, which knows whose it is
                trial.tell_broken(stream, error)
                status = 0
    finally:
        os._exit(status)


class _ToldProvider(GuestProvider):
    """Says on the board when a case begins: until an answer comes, what happens is not the candidate's doing."""

    def __init__(self, trial: Trial, client: socket.socket, reference: Any, results: socket.socket) -> None:
        super().__init__(trial.spec, trial.job, client, reference, results)
        self._board = trial.board
        if self.usage.budget is not None:
            self.usage.budget.heard = self._board.heard

    def begin_case(self) -> None:
        super().begin_case()
        self._board.enter(Phase.SUITE)

    def candidate(self, suite: Path) -> Any:
        with self._board.loading():
            return super().candidate(suite)

    def driver(self, suite: Path) -> Any:
        with self._board.loading():
            return super().driver(suite)

    def ranks(self, suite: Path, count: int) -> Group:
        with self._board.loading():
            return super().ranks(suite, count)


@dataclass(slots=True)
class Trial:
    """One submission's run in its judge."""

    spec: SuiteSpec
    suite: Suite
    job: Job
    board: Board
    started: float = field(default_factory=time.monotonic)

    def make(self, stream: socket.socket, provider: _ToldProvider) -> None:
        """Stream the outcome of each case, then the closing account."""
        records: list[CaseRecord] = []
        observed = 0
        for record in run_against_guest(self.suite, provider):
            send_message(stream, {"event": "case", "outcome": plain(record.outcome), **self._account(provider)})
            observed += _thin_out(record, _OBSERVED_BYTES - observed)
            records.append(record)
            self._tidy_up(provider)
        account = self._account(provider)
        ends = self.started + self.spec.limits.wall_s
        mutants = matching_mutants(self.suite, self.spec, self.job, records, ends) if self.job.diagnose else []
        send_message(stream, {"event": "done", **account, "mutants": mutants})

    def tell_broken(self, stream: socket.socket, error: BaseException) -> None:
        """What ended the run, and whether an answer was being worked on."""
        self.suite.recorder.forget()  # first: memory may be what there was too little of
        told = {
            "event": "broken",
            "of_box": isinstance(error, BoxError),
            "digesting": self.board.read()[0] is Phase.DIGESTING and not isinstance(error, GraderError),
            "out_of_memory": isinstance(error, MemoryError),
            "message": printable(words_of(error)),
        }
        send_message(stream, told)

    def _account(self, provider: _ToldProvider) -> dict[str, Any]:
        usage = provider.usage
        return {
            "wall_ms": 1000 * (time.monotonic() - self.started),
            "cpu_ms": usage.cpu_ms,
            "peak_rss_bytes": usage.peak_rss_bytes,
            "layers": usage.layers,
            "disturbed": usage.disturbed,
            "integrity": provider.violations,
        }

    def _tidy_up(self, provider: _ToldProvider) -> None:
        """After a case: no answer of it is worked on any more, and what it held is let go of."""
        self.suite.recorder.forget()
        budget = provider.usage.budget
        if budget is not None and budget.since_last() > _LARGE_BYTES:
            gc.collect()
        self.board.enter(Phase.SUITE)


def _thin_out(record: CaseRecord, room: int) -> int:
    """Let go of what the diagnosis does not need, or has no room for; the bytes that are kept."""
    if record.outcome.status is Status.ACCEPTED:
        record.observations.clear()
        return 0
    if record.observations.taken_bytes > room:
        record.observations.forget()
    return record.observations.taken_bytes


def words_of(error: BaseException) -> str:
    """What an error says; the type too unless it is one of ours, which are written for people."""
    return str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"


def plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain data; what a candidate printed may hold lone surrogates, which msgpack refuses."""
    return {key: printable(value) for key, value in asdict(outcome).items()}


def printable(value: Any) -> Any:
    """Plain data without lone surrogates, which msgpack refuses."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    return value


def limit_memory() -> None:
    """Keep this process from taking the machine's memory, whatever it is given to work on."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
        used = next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:")), 0)
    resource.setrlimit(resource.RLIMIT_DATA, (used + _MEMORY_BYTES, used + _MEMORY_BYTES))
