"""The known mistake that a failed submission behaves like, or, failing that, looks most like (`likeness`).

Each mutant runs the same cases on the same seed, in a fork of the judge (mutants are the author's own, trusted): first
those of its own task that the submission fails; the others only where one of these agrees. There are two rounds. In the
first a mutant is given up at the first case that does not agree, for then it is not what the submission behaves like;
only where nothing is, those are run again to the end, and asked whether they explain a part. Most mutants of a round
have nothing in common with the submission, and a fork costs more than a case; so one fork goes through all of them
first, and those that agree in no case have none of their own. The mutants of one verdict together get `WITHIN_S`, and
what is left of its wall time: a diagnosis must not be late. A case whose compared values were too large to be kept
agrees with no mutant.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from grader.guest.confinement import die_with_parent
from grader.guest.namespaces import load_libc
from grader.guest.warm import warm_once
from grader.judge.comparison import tolerances
from grader.judge.job import Job, SuiteSpec
from grader.judge.likeness import AGREES, UNLIKE, Beside, Case, Name, compare, names, set_beside
from grader.judge.plugin import LocalProvider
from grader.judge.run import CaseRecord, Suite, run_locally
from grader.model.verdict import Status

_WITHIN, _WHOLE_TASK, _GIVEN_UP = b"+", b"!", b"?"
_YES, _NO, _END = b"y", b"n", b"."
WITHIN_S = 20.0  # far more than mutants that end by themselves need

_Mutant = tuple[str, str, str]  # name, source, task


def matching_mutants(suite: Suite, spec: SuiteSpec, job: Job, records: Sequence[CaseRecord], ends: float) -> list[Name]:
    """The mutants that behave or look as the submission did, as far as can be told until `ends` (monotonic)."""
    failed_tasks = _failed_tasks(records)
    ends = min(ends, time.monotonic() + WITHIN_S)
    if failed_tasks and spec.limits.network:
        warm_once()  # here, or every mutant's ranks would: that took all the time there is
    examiner = _Examiner(suite, spec, job, records, ends)
    to_run = [mutant for mutant in spec.mutants_on(job.device) if mutant[2] in failed_tasks]
    with tolerances(spec.tolerance_on(job.device)):  # what the suite allowed two values, two mistakes may differ by
        found, given_up = examiner.examine(to_run, alike=True)
        if not any(one.is_alike for one in found.values()):
            found |= examiner.examine(given_up, alike=False)[0]
    return names(found)


@dataclass(frozen=True, slots=True)
class _Examiner:
    """Sets mutants (name, source, task) beside one submission, until `ends` (monotonic)."""

    suite: Suite
    spec: SuiteSpec
    job: Job
    records: Sequence[CaseRecord]
    ends: float

    def examine(self, mutants: Sequence[_Mutant], *, alike: bool) -> tuple[dict[str, Beside], list[_Mutant]]:
        """What was seen of each, and those that were given up because they had to be `alike` and are not."""
        found: dict[str, Beside] = {}
        given_up: list[_Mutant] = []
        for mutant, may_agree in zip(mutants, self._screened(mutants, alike=alike), strict=True):
            if time.monotonic() >= self.ends:
                break
            beside = self._beside(mutant, alike=alike) if may_agree else None if alike else UNLIKE
            if beside is None:
                given_up.append(mutant)
            else:
                found[mutant[0]] = beside
        return found, given_up

    def _screened(self, mutants: Sequence[_Mutant], *, alike: bool) -> list[bool]:
        """Of each mutant whether it agrees in a case of its own task: in the quickest where it must be `alike`.

        True, too, of one that ended the process that was to tell, and of those after it.
        """
        own = {task: sorted(_own(self.records, task), key=self._duration) for _, _, task in mutants}

        def screen(say: Callable[[bytes], None]) -> None:
            for _, source, task in mutants:
                order = own[task][:1] if alike else own[task]
                with self._runner(source, alike=alike) as runner:
                    say(_YES if runner.agrees(self.records, order) else _NO)

        told = [letter == _YES[0] for letter in _in_fork(screen, self.ends)]
        return told + [True] * (len(mutants) - len(told))

    def _duration(self, index: int) -> float:
        return self.records[index].outcome.duration_ms

    def _beside(self, mutant: _Mutant, *, alike: bool) -> Beside | None:
        """One mutant beside the submission; None where it was given up."""
        _, source, task = mutant

        def answer(say: Callable[[bytes], None]) -> None:
            with self._runner(source, alike=alike) as runner:
                say(_compare(runner, self.records, task))

        return _understood(_in_fork(answer, self.ends))

    def _runner(self, source: str, *, alike: bool) -> _Runner:
        job, allowed = self.job, self.spec.tolerance_on(self.job.device)
        provider = LocalProvider(source, job.seed, job.device, allowed, keep_ranks=True)
        return _Runner(self.suite, provider, self.spec.limits.case_wall_s, alike)


def named_by_records(
    records: Sequence[CaseRecord], mutants: Mapping[str, tuple[Sequence[CaseRecord], str]]
) -> list[Name]:
    """The same, for a run whose mutants (records, task) have been run on its seed already."""
    failed_tasks = _failed_tasks(records)
    return names(
        {name: set_beside(records, own, task) for name, (own, task) in mutants.items() if task in failed_tasks}
    )


def _failed_tasks(records: Sequence[CaseRecord]) -> set[str]:
    """Those with a failure that tells something; none where a failure of ours leaves nothing to be told."""
    if any(record.outcome.status is Status.JUDGE_ERROR for record in records):
        return set()
    failed = (record for record in records if record.tells and record.outcome.status is not Status.ACCEPTED)
    return {record.outcome.task for record in failed}


def _in_fork(work: Callable[[Callable[[bytes], None]], None], ends: float) -> bytes:
    """What `work` says, by the function that it is given, in a process of its own that has until `ends` (monotonic)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            die_with_parent(load_libc())
            work(lambda said: _write(writing, said))
        finally:
            _write(writing, _END)  # not only the end of the stream, which what a mutant started may keep open
            os._exit(0)
    os.close(writing)
    answer = b"".join(_read(reading, ends))
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # and whatever the mutant started
    os.waitpid(pid, 0)
    return answer


def _write(stream: int, said: bytes) -> None:
    os.write(stream, said)


def _read(stream: int, ends: float) -> Iterator[bytes]:
    """What comes until the other side is done, or `ends`."""
    piece = b""
    while not piece.endswith(_END) and select.select([stream], [], [], max(0.0, ends - time.monotonic()))[0]:
        piece = os.read(stream, select.PIPE_BUF)
        if not piece:
            return
        yield piece.removesuffix(_END)


def _understood(answer: bytes) -> Beside | None:
    """What `_compare` has said."""
    if answer == _GIVEN_UP:
        return None
    cases = tuple(Case(letter) for letter in answer.rstrip(_WITHIN + _WHOLE_TASK).decode())
    return Beside(cases, within=_WITHIN in answer, whole_task=_WHOLE_TASK in answer)


def _compare(runner: _Runner, records: Sequence[CaseRecord], task: str) -> bytes:
    """A letter for each case that the submission fails, and signs: the values of its own task agree; it fails no other.

    Nothing where they agree in no case of the mutant's own task: then they agree by chance at most.
    """
    run = [index for index, record in enumerate(records) if record.tells]
    failed = [index for index in run if records[index].outcome.status is not Status.ACCEPTED]
    cases = runner.compare(records, _own(records, task))
    if runner.gives_up(cases):
        return _GIVEN_UP
    if not AGREES & set(cases.values()):
        return b""
    whole = _WHOLE_TASK if set(cases.values()) == {Case.VALUES} else b""
    cases |= runner.compare(records, [index for index in failed if index not in cases])
    if runner.gives_up(cases):
        return _GIVEN_UP
    letters = "".join(cases[index] for index in failed).encode() + whole
    return letters + (_WITHIN if runner.passes([index for index in run if index not in cases]) else b"")


def _own(records: Sequence[CaseRecord], task: str) -> list[int]:
    """The cases of a task that the submission fails, and that tell something of it."""
    return [
        index
        for index, record in enumerate(records)
        if record.outcome.task == task and record.tells and record.outcome.status is not Status.ACCEPTED
    ]


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs a mutant; if it must be `alike`, to the first case that does not agree. Ranks end with its block."""

    suite: Suite
    provider: LocalProvider
    case_wall_s: float
    alike: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.provider.end_ranks()

    def agrees(self, records: Sequence[CaseRecord], order: Sequence[int]) -> bool:
        """Whether it does in one of these what the submission does; it runs no further."""
        runs = run_locally(self.suite, self.provider, self.case_wall_s, order)
        return any(compare(records[index], run) in AGREES for index, run in zip(order, runs, strict=False))

    def compare(self, records: Sequence[CaseRecord], order: Sequence[int]) -> dict[int, Case]:
        """What it does in some of the cases that the submission fails."""
        cases: dict[int, Case] = {}
        for index, run in zip(order, run_locally(self.suite, self.provider, self.case_wall_s, order), strict=False):
            cases[index] = compare(records[index], run)
            if self.gives_up(cases):
                break
        return cases

    def gives_up(self, cases: Mapping[int, Case]) -> bool:
        """Whether one of these does not agree and all had to."""
        return self.alike and not AGREES.issuperset(cases.values())

    def passes(self, order: Sequence[int]) -> bool:
        """Whether it passes all of these."""
        runs = run_locally(self.suite, self.provider, self.case_wall_s, order)
        return all(run.outcome.status is Status.ACCEPTED for run in runs)
