"""Which known mistake does a failed submission behave like?

Each mutant runs the same cases on the same seed, in a fork of the judge (mutants are the author's own, trusted). It
matches only if every case ended alike, and in each failed case the values that were compared agree within the tolerance
they were compared with, or, where nothing was compared, the failure reads alike. Saying nothing is better than being
wrong, or late: the mutants of one verdict together get `WITHIN_S`.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from grader.guest.confinement import die_with_parent
from grader.guest.namespaces import load_libc
from grader.judge.job import SuiteSpec
from grader.judge.plugin import LocalProvider
from grader.judge.run import CaseRecord, Suite, run_locally
from grader.model.verdict import Status

_MATCH, _NO_MATCH = 0, 1
_POLL_S = 0.002
WITHIN_S = 20.0  # far more than mutants that end by themselves need


def matching_mutants(suite: Suite, spec: SuiteSpec, seed: int, records: Sequence[CaseRecord]) -> list[str]:
    """Names of the mutants that behave as the submission did."""
    failed_tasks = {r.outcome.task for r in records if r.outcome.status is not Status.ACCEPTED}
    if not failed_tasks or any(r.outcome.status is Status.JUDGE_ERROR for r in records):
        return []
    likely = [(name, path) for name, path, task in spec.mutants if task in failed_tasks]
    ends = time.monotonic() + WITHIN_S
    alike = []
    for name, path in likely:
        provider = LocalProvider(Path(path), seed, tolerance=spec.tolerance)
        if _wait(_start(suite, provider, spec.limits.case_wall_s, records), ends) == _MATCH:
            alike.append(name)
    return alike


def _start(suite: Suite, provider: LocalProvider, case_wall_s: float, records: Sequence[CaseRecord]) -> int:
    """Fork a process that compares one mutant with the submission; its exit status is the answer."""
    pid = os.fork()
    if pid == 0:
        status = _NO_MATCH
        try:
            os.setpgid(0, 0)
            die_with_parent(load_libc())
            runs = run_locally(suite, provider, case_wall_s)
            if all(_alike(record, run) for record, run in zip(records, runs, strict=False)):
                status = _MATCH
        finally:
            os._exit(status)
    return pid


def _alike(submission: CaseRecord, mutant: CaseRecord) -> bool:
    if submission.outcome.status is not mutant.outcome.status:
        return False
    if submission.outcome.status is Status.ACCEPTED:
        return True
    if len(submission.observations) != len(mutant.observations):
        return False
    if submission.observations:
        return all(a.agrees(b) for a, b in zip(submission.observations, mutant.observations, strict=True))
    return submission.outcome.status is Status.TIME_LIMIT or submission.fingerprint == mutant.fingerprint


def _wait(pid: int, ends: float) -> int:
    """The exit status of a child that has until `ends` (monotonic), with whatever it started."""
    while time.monotonic() < ends:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_POLL_S)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return _NO_MATCH
