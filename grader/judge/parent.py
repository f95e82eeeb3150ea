"""The judge parent: a process that has collected one exercise's suite and forks one judge per submission.

Theory of operation. The engine starts this module with one socket, `control`, and sends the exercise's spec. The parent
imports the reference, collects the suite once and says `ready`. For every job it gets two descriptors: `results`, on
which the forked judge streams outcomes, and `guests`, a client socket of a guest parent. After its first job it keeps
one judge forked ahead, which waits for the next one. A judge asks for a box, runs each case over the wire, and ends
with one `done` message; if it dies without one, the engine knows that the failure is ours. The parent itself never sees
a submission. When it ends, the kernel ends its judges, and their mutants.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time
from dataclasses import asdict
from typing import Any

from grader.errors import BoxError, GraderError
from grader.guest.confinement import call_itself, die_with_parent
from grader.guest.namespaces import load_libc
from grader.judge.diagnosis import matching_mutants
from grader.judge.job import SCRATCH_PREFIX, Job, SuiteSpec
from grader.judge.outcome import describe
from grader.judge.plugin import LocalProvider
from grader.judge.provider import GuestProvider, load_reference
from grader.judge.run import Suite, collect, run_against_guest, run_locally
from grader.model.verdict import Outcome, Status
from grader.wire.passing import answer_ping, receive_message, send_message

_SLACK_S = 60.0  # building boxes, diagnosis and a loaded machine, on top of the submission's own wall time
_MEMORY_BYTES = 4 * 1024**3  # of one judge: whatever a guest sends, this machine survives it


def main(control: int) -> None:
    """Load the suite named by the first message on `control`, then fork a judge per job until it closes."""
    try:
        _be_parent(control)
    finally:
        _tidy()


def _be_parent(control: int) -> None:
    stream = socket.socket(fileno=control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine decides when to end
    message = receive_message(stream)
    if message is None:
        return
    spec = SuiteSpec.from_data(message[0]["spec"])
    try:
        suite, reference = _load(spec, warm=message[0]["warm"])
    except BaseException as error:  # noqa: BLE001 - told to the engine as ours, whatever it was
        send_message(stream, {"event": "broken", "message": _clean(_words(error))})
        return
    gc.collect()
    gc.freeze()  # the collector must not touch pages that the forks share
    cases = [asdict(describe(item, Status.ACCEPTED)) for item in suite.items]
    send_message(stream, {"event": "ready", "cases": cases})
    _serve(stream, spec, suite, reference)


def _load(spec: SuiteSpec, *, warm: bool) -> tuple[Suite, Any]:
    if spec.uses_torch:
        import torch

        torch.set_num_threads(1)  # a parent that used two threads makes its children hang
    reference = load_reference(spec)
    suite = collect(spec.suites)
    if warm:
        provider = LocalProvider(spec.reference_path, seed=0, tolerance=spec.tolerance)
        for _ in run_locally(suite, provider, spec.limits.case_wall_s):
            pass
    return suite, reference


def _serve(stream: socket.socket, spec: SuiteSpec, suite: Suite, reference: Any) -> None:
    libc = load_libc()
    call_itself(libc, "viva-judges")
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    forker = _Forker(stream, libc, spec, suite, reference)
    signal.signal(signal.SIGCHLD, _reap)  # at once: this process sleeps until the next job, which may be hours away
    while True:
        poll.poll()
        message = receive_message(stream, descriptors=2)
        if message is None:
            return
        data, descriptors = message
        if "job" in data:
            forker.pass_on(data, tuple(descriptors))
        else:
            answer_ping(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)  # before there is a spare, which would hold the streams of this verdict open
        forker.make_spare()


class _Forker:
    """Forks judges; one is always forked ahead, and waits for its job."""

    def __init__(
        self, control: socket.socket, libc: ctypes.CDLL, spec: SuiteSpec, suite: Suite, reference: Any
    ) -> None:
        self._control = control
        self._libc = libc
        self._knowledge = (spec, suite, reference)
        self._spare: socket.socket | None = None

    def make_spare(self) -> None:
        """Fork a judge that waits."""
        if self._spare is not None:
            return
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a judge waits for its own children, the mutants
            self._control.close()
            ours.close()
            die_with_parent(self._libc)
            self._be_spare(theirs)
        theirs.close()
        self._spare = ours

    def pass_on(self, data: dict[str, Any], descriptors: tuple[int, ...]) -> None:
        """Give a job to the judge that waits, or to a new one if that has died."""
        for _ in range(2):
            self.make_spare()
            assert self._spare is not None
            spare, self._spare = self._spare, None
            with spare, contextlib.suppress(OSError):
                send_message(spare, data, descriptors)
                return

    def _be_spare(self, orders: socket.socket) -> None:
        """Never returns."""
        call_itself(self._libc, "viva-spare")
        message = receive_message(orders, descriptors=2)
        orders.close()
        if message is None:
            os._exit(0)
        call_itself(self._libc, "viva-judge")
        data, (results, guests) = message
        _be_judge(*self._knowledge, Job(**data["job"]), results, guests)


def _tidy() -> None:
    """Remove this parent's own temporary folder: an engine that was killed cannot do it any more."""
    folder = os.environ.get("TMPDIR", "")
    if os.path.basename(folder).startswith(SCRATCH_PREFIX):  # noqa: PTH119 - a name, compared as text
        shutil.rmtree(folder, ignore_errors=True)


def _reap(*_: object) -> None:
    """Wait for every judge that has ended; a signal handler."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _be_judge(spec: SuiteSpec, suite: Suite, reference: Any, job: Job, results: int, guests: int) -> None:
    """Never returns."""
    status = 1
    try:
        signal.alarm(int(spec.limits.wall_s + _SLACK_S))
        _limit_memory()
        with socket.socket(fileno=results) as stream, socket.socket(fileno=guests) as client:
            try:
                _judge(spec, suite, job, stream, GuestProvider(spec, job, client, reference, stream))
                status = 0
            except BaseException as error:  # noqa: BLE001 - told to the engine, which reports it as ours
                of_box = isinstance(error, BoxError)
                send_message(stream, {"event": "broken", "of_box": of_box, "message": _clean(_words(error))})
    finally:
        os._exit(status)


def _judge(spec: SuiteSpec, suite: Suite, job: Job, stream: socket.socket, provider: GuestProvider) -> None:
    started = time.monotonic()
    records = []
    for record in run_against_guest(suite, provider):
        records.append(record)
        send_message(stream, {"event": "case", "outcome": _plain(record.outcome)})
    wall_ms = 1000 * (time.monotonic() - started)
    usage = provider.usage
    mutants = matching_mutants(suite, spec, job.seed, records) if job.diagnose else []
    send_message(
        stream,
        {
            "event": "done",
            "wall_ms": wall_ms,
            "cpu_ms": usage.cpu_ms,
            "peak_rss_bytes": usage.peak_rss_bytes,
            "layers": usage.layers,
            "disturbed": usage.disturbed,
            "mutants": mutants,
            "integrity": provider.violations,
        },
    )


def _words(error: BaseException) -> str:
    """What an error says; the type too unless it is one of ours, which are written for people."""
    return str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"


def _plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain data; what a candidate printed may hold lone surrogates, which msgpack refuses."""
    return {key: _clean(value) for key, value in asdict(outcome).items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value


def _limit_memory() -> None:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
        used = next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:")), 0)
    resource.setrlimit(resource.RLIMIT_DATA, (used + _MEMORY_BYTES, used + _MEMORY_BYTES))


if __name__ == "__main__":
    main(int(sys.argv[1]))
