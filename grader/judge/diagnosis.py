"""The known mistake that a failed submission behaves like.

Each mutant runs the same cases on the same seed, in a fork of the judge (mutants are the author's own, trusted). It
matches only if every case ended alike, and in each failed case the values that were compared agree within the tolerance
they were compared with, or, where nothing was compared, the failure reads alike. Figures in such a text are not
compared (they may come from random draws), so words alone name a mutant only if no other matches. Saying nothing is
better than being wrong, or late: the mutants of one verdict together get `WITHIN_S`, and what is left of its wall time.
A case whose compared values were too large to be kept matches no mutant.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Sequence

from grader.guest.confinement import die_with_parent
from grader.guest.namespaces import load_libc
from grader.judge.job import SuiteSpec
from grader.judge.plugin import LocalProvider
from grader.judge.run import CaseRecord, Suite, run_locally
from grader.model.verdict import Status

_BY_VALUES, _BY_WORDS, _NO_MATCH = b"v", b"w", b"n"
WITHIN_S = 20.0  # far more than mutants that end by themselves need


def matching_mutants(suite: Suite, spec: SuiteSpec, seed: int, records: Sequence[CaseRecord], ends: float) -> list[str]:
    """Names of the mutants that behave as the submission did, as far as can be told until `ends` (monotonic)."""
    failed_tasks = {r.outcome.task for r in records if r.outcome.status is not Status.ACCEPTED}
    if not failed_tasks or any(r.outcome.status is Status.JUDGE_ERROR for r in records):
        return []
    ends = min(ends, time.monotonic() + WITHIN_S)
    matches: dict[bytes, list[str]] = {_BY_VALUES: [], _BY_WORDS: [], _NO_MATCH: []}
    for name, source, task in spec.mutants:
        if task in failed_tasks and time.monotonic() < ends:
            provider = LocalProvider(source, seed, tolerance=spec.tolerance)
            matches[_in_fork(suite, provider, spec.limits.case_wall_s, records, ends)].append(name)
    by_words = matches[_BY_WORDS]
    return matches[_BY_VALUES] or (by_words if len(by_words) == 1 else [])


def _in_fork(
    suite: Suite, provider: LocalProvider, case_wall_s: float, records: Sequence[CaseRecord], ends: float
) -> bytes:
    """Compare one mutant with the submission in a process of its own that has until `ends` (monotonic)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        answer = _NO_MATCH
        try:
            os.setpgid(0, 0)
            die_with_parent(load_libc())
            answer = _compare(suite, provider, case_wall_s, records)
        finally:
            os.write(writing, answer)
            os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], max(0.0, ends - time.monotonic()))
    answer = os.read(reading, 1) if ready else _NO_MATCH
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # and whatever the mutant started
    os.waitpid(pid, 0)
    return answer or _NO_MATCH


def _compare(suite: Suite, provider: LocalProvider, case_wall_s: float, records: Sequence[CaseRecord]) -> bytes:
    """Failed cases first: most mutants part from the submission in the first of them."""
    order = sorted(range(len(records)), key=lambda index: records[index].outcome.status is Status.ACCEPTED)
    by_words = False
    for index, run in zip(order, run_locally(suite, provider, case_wall_s, order), strict=True):
        record = records[index]
        if not _alike(record, run):
            return _NO_MATCH
        by_words |= record.outcome.status is Status.WRONG_ANSWER and not record.observations
    return _BY_WORDS if by_words else _BY_VALUES


def _alike(submission: CaseRecord, mutant: CaseRecord) -> bool:
    if submission.outcome.status is not mutant.outcome.status:
        return False
    if submission.outcome.status is Status.ACCEPTED:
        return True
    if len(submission.observations) != len(mutant.observations):
        return False
    if not (submission.observations.complete and mutant.observations.complete):
        return False
    if submission.observations:
        return all(a.agrees(b) for a, b in zip(submission.observations, mutant.observations, strict=True))
    return submission.outcome.status is Status.TIME_LIMIT or submission.fingerprint == mutant.fingerprint
