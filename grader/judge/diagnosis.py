"""The known mistake that a failed submission behaves like, or, failing that, looks most like (`likeness`).

Each mutant runs the same cases on the same seed, in a fork of the judge (mutants are the author's own, trusted): first
those of its own task that the submission fails; the others only where one of these agrees. The mutants of one verdict
together get `WITHIN_S`, and what is left of its wall time: a diagnosis must not be late. A case whose compared values
were too large to be kept agrees with no mutant.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.guest.confinement import die_with_parent
from grader.guest.namespaces import load_libc
from grader.judge.comparison import tolerances
from grader.judge.job import SuiteSpec
from grader.judge.likeness import AGREES, Beside, Case, Name, compare, names, set_beside
from grader.judge.plugin import LocalProvider
from grader.judge.run import CaseRecord, Suite, run_locally
from grader.model.verdict import Status

_WITHIN, _WHOLE_TASK = b"+", b"!"
WITHIN_S = 20.0  # far more than mutants that end by themselves need


def matching_mutants(
    suite: Suite, spec: SuiteSpec, seed: int, records: Sequence[CaseRecord], ends: float
) -> list[Name]:
    """The mutants that behave or look as the submission did, as far as can be told until `ends` (monotonic)."""
    failed_tasks = _failed_tasks(records)
    ends = min(ends, time.monotonic() + WITHIN_S)
    found: dict[str, Beside] = {}
    with tolerances(spec.tolerance):  # what the suite allowed two values, two mistakes may differ by
        for name, source, task in spec.mutants:
            if task in failed_tasks and time.monotonic() < ends:
                provider = LocalProvider(source, seed, tolerance=spec.tolerance, keep_ranks=True)
                runner = _Runner(suite, provider, spec.limits.case_wall_s)
                found[name] = _in_fork(runner, records, task, ends)
    return names(found)


def named_by_records(
    records: Sequence[CaseRecord], mutants: Mapping[str, tuple[Sequence[CaseRecord], str]]
) -> list[Name]:
    """The same, for a run whose mutants (records, task) have been run on its seed already."""
    failed_tasks = _failed_tasks(records)
    return names(
        {name: set_beside(records, own, task) for name, (own, task) in mutants.items() if task in failed_tasks}
    )


def _failed_tasks(records: Sequence[CaseRecord]) -> set[str]:
    """Empty, too, where a failure of ours leaves nothing to be told."""
    if any(record.outcome.status is Status.JUDGE_ERROR for record in records):
        return set()
    return {record.outcome.task for record in records if record.outcome.status is not Status.ACCEPTED}


def _in_fork(runner: _Runner, records: Sequence[CaseRecord], task: str, ends: float) -> Beside:
    """Compare one mutant with the submission in a process of its own that has until `ends` (monotonic)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        answer = b""
        try:
            os.setpgid(0, 0)
            die_with_parent(load_libc())
            answer = _compare(runner, records, task)
        finally:
            os.write(writing, answer)
            os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], max(0.0, ends - time.monotonic()))
    answer = os.read(reading, select.PIPE_BUF) if ready else b""
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # and whatever the mutant started
    os.waitpid(pid, 0)
    cases = tuple(Case(letter) for letter in answer.rstrip(_WITHIN + _WHOLE_TASK).decode())
    return Beside(cases, within=_WITHIN in answer, whole_task=_WHOLE_TASK in answer)


def _compare(runner: _Runner, records: Sequence[CaseRecord], task: str) -> bytes:
    """A letter for each case that the submission fails, and signs: the values of its own task agree; it fails no other.

    Nothing where they agree in no case of the mutant's own task: then they agree by chance at most.
    """
    failed = [index for index, record in enumerate(records) if record.outcome.status is not Status.ACCEPTED]
    own = [index for index in failed if records[index].outcome.task == task]
    cases = runner.compare(records, own)
    if not AGREES & set(cases.values()):
        return b""
    whole = _WHOLE_TASK if set(cases.values()) == {Case.VALUES} else b""
    cases |= runner.compare(records, [index for index in failed if index not in cases])
    letters = "".join(cases[index] for index in failed).encode() + whole
    return letters + (_WITHIN if runner.passes([i for i in range(len(records)) if i not in cases]) else b"")


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs a mutant."""

    suite: Suite
    provider: LocalProvider
    case_wall_s: float

    def compare(self, records: Sequence[CaseRecord], order: Sequence[int]) -> dict[int, Case]:
        """What it does in some of the cases that the submission fails."""
        runs = run_locally(self.suite, self.provider, self.case_wall_s, order)
        return {index: compare(records[index], run) for index, run in zip(order, runs, strict=True)}

    def passes(self, order: Sequence[int]) -> bool:
        """Whether it passes all of these."""
        runs = run_locally(self.suite, self.provider, self.case_wall_s, order)
        return all(run.outcome.status is Status.ACCEPTED for run in runs)
