"""A suite against many solutions that are trusted (reference, alternatives, mutants), in forks of a judge parent.

Each solution has a process of its own, so what it leaves behind reaches no other, and runs in it as under plain pytest
(`loopback`), without a box. A prover is forked for one order; it streams what came of each solution, and in the end
which known mutants the diagnosis would name for each.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from grader.guest.confinement import call_itself, die_with_parent
from grader.guest.namespaces import load_libc
from grader.judge.comparison import tolerances
from grader.judge.diagnosis import named_by_records
from grader.judge.given_away import told_to_driver
from grader.judge.job import Proof, SuiteSpec
from grader.judge.likeness import Name
from grader.judge.plugin import LocalProvider
from grader.judge.records import CAPS, from_frame, to_frame
from grader.judge.run import CaseRecord, Suite, run_locally
from grader.judge.trial import limit_memory, plain, printable, words_of
from grader.model.verdict import Status
from grader.wire.frame import ConnectionLost, DeadlineExceeded, FrameReader, send_frame
from grader.wire.passing import send_message

_TIMES_AS_LONG, _AT_LEAST_S = 20.0, 1.0  # what a case may take where only its first failure matters
_GRACE_S = 2.0


def be_prover(spec: SuiteSpec, suite: Suite, proof: Proof, results: int) -> NoReturn:
    """Never returns. Streams one `solution` for each, then `proved`, or `broken`."""
    call_itself(load_libc(), "viva-prover")
    with socket.socket(fileno=results) as stream:
        try:
            _prove(spec, suite, proof, stream)
        except BaseException as error:  # noqa: BLE001 - told to whoever asked
            with contextlib.suppress(OSError):
                send_message(stream, {"event": "broken", "message": printable(words_of(error))})
        finally:
            os._exit(0)


def _prove(spec: SuiteSpec, suite: Suite, proof: Proof, stream: socket.socket) -> None:
    order, longest = list(range(len(suite.items))), spec.limits.case_wall_s * proof.patience
    if proof.first_failure:
        order, longest = _quickest_first(spec, suite, proof)
    tries = [_Try(name, source) for name, source in proof.solutions]
    runner = _Runner(spec, suite, proof, order, longest)
    for run in _side_by_side(tries, runner, proof.lanes):
        send_message(stream, {"event": "solution", "name": run.name, "outcomes": run.outcomes(), "ended": run.ended})
    named = {} if proof.first_failure else _named(spec, proof.device, tries)
    told = list(told_to_driver(spec, suite, proof.seed)) if proof.driver else []
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_ms = 1000 * sum(one.ru_utime + one.ru_stime for one in used)
    send_message(stream, {"event": "proved", "named": named, "told": told, "cpu_ms": cpu_ms})


@dataclass(slots=True)
class _Try:
    """One solution, and what came of it: records of its cases, or how its process ended without any."""

    name: str
    source: str
    records: list[CaseRecord] = field(default_factory=list)
    ended: str = ""

    def outcomes(self) -> list[dict[str, Any]]:
        """As plain data."""
        return [plain(record.outcome) for record in self.records]


@dataclass(slots=True)
class _Runner:
    """What every solution is run with."""

    spec: SuiteSpec
    suite: Suite
    proof: Proof
    order: Sequence[int]
    longest_s: float

    def records(self, source: str) -> Iterator[CaseRecord]:
        """The records of its cases, until the first that fails where no more is asked for."""
        tolerance = self.spec.tolerance_on(self.proof.device)
        provider = LocalProvider(source, self.proof.seed, self.proof.device, tolerance, keep_ranks=True)
        try:
            for record in run_locally(self.suite, provider, self.longest_s, self.order):
                if record.outcome.status is Status.ACCEPTED:
                    record.observations.clear()  # only what fails is matched, and it can be large
                elif record.outcome.status is not Status.WRONG_ANSWER:
                    provider.end_ranks()  # an answer may be on its way to a question that was given up
                yield record
                if self.proof.first_failure and record.outcome.status is not Status.ACCEPTED:
                    return
        finally:
            provider.end_ranks()


def _quickest_first(spec: SuiteSpec, suite: Suite, proof: Proof) -> tuple[list[int], float]:
    """The cases by what they take on the reference, and how long one may take."""
    provider = LocalProvider(spec.reference_path, proof.seed, proof.device, spec.tolerance_on(proof.device))
    took_ms = [record.outcome.duration_ms for record in run_locally(suite, provider, spec.limits.case_wall_s)]
    order = sorted(range(len(took_ms)), key=took_ms.__getitem__)
    return order, min(spec.limits.case_wall_s, _AT_LEAST_S + _TIMES_AS_LONG * max(took_ms) / 1000)


def _side_by_side(tries: Sequence[_Try], runner: _Runner, lanes: int) -> Iterator[_Try]:
    """Each try when it is done, `lanes` of them at a time."""
    waiting = list(reversed(tries))
    running: dict[int, _Child] = {}
    poll = select.poll()
    while waiting or running:
        while waiting and len(running) < lanes:
            child = _Child(waiting.pop(), runner)
            running[child.stream.fileno()] = child
            poll.register(child.stream, select.POLLIN)
        until = min(child.ends for child in running.values())
        ready = {descriptor for descriptor, _ in poll.poll(max(0.0, 1000 * (until - time.monotonic())) + 1)}
        for descriptor, child in list(running.items()):
            if descriptor in ready or time.monotonic() > child.ends:
                poll.unregister(descriptor)
                del running[descriptor]
                yield child.settled()


class _Child:
    """The process of one solution."""

    def __init__(self, attempt: _Try, runner: _Runner) -> None:
        self._try = attempt
        self.ends = time.monotonic() + runner.spec.limits.wall_s * runner.proof.patience + _GRACE_S
        if runner.proof.first_failure:  # most are killed by the first case; one that hangs in C must not take long
            self.ends = time.monotonic() + 2 * runner.longest_s + _GRACE_S
        self.stream, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            self.stream.close()
            _be_child(attempt.source, runner, theirs)
        theirs.close()

    def settled(self) -> _Try:
        """Read what it found, end the process and whatever it started; the try with its records."""
        try:
            self._try.records, self._try.ended = from_frame(FrameReader(self.stream, CAPS).read(self.ends))
        except DeadlineExceeded:
            self._try.ended = "it ran out of time"
        except ConnectionLost:
            self._try.ended = "it ended its own process"
        self.stream.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        return self._try


def _be_child(source: str, runner: _Runner, stream: socket.socket) -> NoReturn:
    """Never returns."""
    try:
        os.setpgid(0, 0)
        die_with_parent(load_libc())
        limit_memory()
        records: list[CaseRecord] = []
        ended = ""
        try:
            records.extend(runner.records(source))
        except BaseException as error:  # noqa: BLE001 - the solution's, or the suite's on it
            ended = words_of(error)
        send_frame(stream, to_frame(records, ended), CAPS)
    finally:
        os._exit(0)


def _named(spec: SuiteSpec, device: str, tries: Sequence[_Try]) -> dict[str, list[Name]]:
    """Which mutants the diagnosis names for each try, all of them matched with each other."""
    runs: Mapping[str, _Try] = {one.name: one for one in tries}
    mutants = [(name, task) for name, _, task in spec.mutants_on(device) if name in runs and runs[name].records]
    known = {name: (runs[name].records, task) for name, task in mutants}
    with tolerances(spec.tolerance_on(device)):
        return {one.name: named_by_records(one.records, known) for one in tries if one.records}
