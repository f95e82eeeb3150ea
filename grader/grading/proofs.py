"""What trusted solutions prove of an exercise, each run in a fork of one warm judge, on several seeds.

The reference and every alternative are accepted; every mutant is caught by the task it belongs to and named by the
diagnosis; every promise of the statement has a case and a mutant that breaks it alone, and every case has a promise.
Of an exercise that lists `cuda` the same is proven on a device that stands in for a GPU, with the mutants whose mistake
shows there alone (`judge/stand_in.py`); `make gpu` does it on a real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.content.promises import FILE, read_promises
from grader.errors import ContentError
from grader.grading.grade import Judging
from grader.grading.intake import Rejection, read_submission
from grader.guest.placement import CPU, CUDA
from grader.judge.job import Proof
from grader.model.exercise import Exercise, Mutant, Promise
from grader.model.submission import Submission
from grader.model.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim about an exercise, and what speaks against it (empty when it holds)."""

    claim: str
    against: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.against


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What to prove: on which seeds, and whether mutants and bad submissions are left out."""

    seeds: Sequence[int]
    quick: bool = False


class ProvedLike(Protocol):
    """What an engine says of trusted solutions."""

    @property
    def solutions(self) -> Sequence[dict[str, Any]]:
        """Of each its `name`, `outcomes`, and how it `ended` if not by itself."""

    @property
    def named(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """By solution: the mutants that the diagnosis names."""

    @property
    def told(self) -> Sequence[tuple[str, str]]:
        """What the driver was told and is compared later, by case."""


class Proving(Judging, Protocol):
    """The part of an engine that proofs need."""

    def prove(self, exercise: Exercise, proof: Proof) -> ProvedLike:
        """Run trusted solutions without a box; raises JudgeError when we fail."""


def proven(exercise: Exercise, engine: Proving, claims: Claims) -> Iterator[Finding]:
    """The findings of all seeds together."""
    right = [exercise.solution, *exercise.alternatives]
    mutants = () if claims.quick else exercise.mutants
    solutions = [(_name(path), path.read_text(encoding="utf-8")) for path in right]
    solutions += [named for mutant in mutants for named in mutant.sources]
    runs = [_Run(engine.prove(exercise, Proof(seed=seed, solutions=tuple(solutions))), seed) for seed in claims.seeds]
    for path in right:
        against = (*_rejected(path, exercise), *(said for run in runs for said in run.failures(_name(path))))
        yield Finding(claim=f"accepted: {_name(path)}", against=against)
    yield Finding(claim="every task has a case", against=tuple(_uncovered_tasks(exercise, runs[0])))
    there_too = right[:1] if claims.quick else right  # it costs as much again
    placed = _placed_runs(exercise, engine, claims, there_too)
    for path in there_too if placed else ():
        against = tuple(said for run in placed for said in run.failures(_name(path)))
        yield Finding(claim=f"accepted beside a GPU's stand-in: {_name(path)}", against=against)
    where = {CPU: runs, CUDA: placed}
    for mutant in mutants:
        there = where[mutant.device]
        against = tuple(said for run in there for name, _ in mutant.sources for said in run.escapes(mutant, name))
        yield Finding(claim=f"caught and named: {mutant.id}", against=against)
    for mutant in (mutant for mutant in mutants if mutant.device == CUDA):
        against = tuple(said for run in runs for name, _ in mutant.sources for said in run.failures(name))
        yield Finding(claim=f"right on the CPU: {mutant.id}", against=against)
    kept = "every promise has its cases, and a mutant that breaks it alone"
    yield Finding(claim=kept, against=tuple(_promises(exercise, where, mutants)))


def _placed_runs(exercise: Exercise, engine: Proving, claims: Claims, right: Sequence[Path]) -> list[_Run]:
    """The right solutions, and the mutants that show on a GPU alone, where one is stood in for; else none."""
    if CUDA not in exercise.devices:
        return []
    shown = () if claims.quick else [mutant for mutant in exercise.mutants if mutant.device == CUDA]
    solutions = [(_name(path), path.read_text(encoding="utf-8")) for path in right]
    solutions += [named for mutant in shown for named in mutant.sources]
    proofs = {seed: Proof(seed=seed, solutions=tuple(solutions), device=CUDA) for seed in claims.seeds}
    return [_Run(engine.prove(exercise, proof), seed) for seed, proof in proofs.items()]


def worthless(exercise: Exercise, engine: Proving, seed: int, bad: Sequence[Submission]) -> Iterator[Finding]:
    """That none of these submissions, which do no more than answer badly, earns a task."""
    proof = Proof(seed=seed, solutions=tuple((one.name, one.source) for one in bad))
    run = _Run(engine.prove(exercise, proof), seed)
    for one in bad:
        yield Finding(claim=f"earns nothing: {one.name}", against=tuple(run.earnings(one.name)))


class _Run:
    """All solutions on one seed."""

    def __init__(self, proved: ProvedLike, seed: int) -> None:
        self._named = proved.named
        self._seed = seed
        self._ended = {one["name"]: one["ended"] for one in proved.solutions}
        self.outcomes: Mapping[str, Sequence[dict[str, Any]]] = {
            one["name"]: one["outcomes"] for one in proved.solutions
        }

    def failures(self, name: str) -> Iterator[str]:
        """What speaks against a right solution."""
        if self._ended[name]:
            yield f"seed {self._seed}: {self._ended[name]}"
        for outcome in self._failed(name):
            yield f"seed {self._seed}, {outcome['status']}: {outcome['id']}: {outcome['message']['en']}"

    def escapes(self, mutant: Mutant, name: str) -> Iterator[str]:
        """What speaks against a mutant's being caught and named, or against that of its variant `name`."""
        named = [one for one, _ in self._named.get(name, ())]
        where = f"seed {self._seed}" if name == mutant.id else f"{name}, seed {self._seed}"
        if self._ended[name]:
            return  # it did not come to an end, which no task lets pass, and of which there is nothing to match
        if not any(outcome["task"] == mutant.task for outcome in self._failed(name)):
            yield f"{where}: task {mutant.task!r} let it pass"
        elif mutant.id not in named:
            yield f"{where}: the diagnosis names {', '.join(named) or 'nothing'}"

    def earnings(self, name: str) -> Iterator[str]:
        """What speaks against a submission's earning nothing."""
        lost = {outcome["task"] for outcome in self._failed(name)}
        earned = sorted({outcome["task"] for outcome in self.outcomes[name]} - lost)
        if earned:
            yield f"seed {self._seed}: earned {', '.join(earned)}"

    def failed_cases(self, name: str) -> set[str]:
        """The functions of the suites that it failed, whatever their parameters."""
        return {function_of(outcome["id"]) for outcome in self._failed(name)}

    def astray(self, promise: Promise, mutant: Mutant) -> Iterator[str]:
        """What speaks against a mutant's breaking one promise and no other."""
        for name, _ in mutant.sources:
            if beyond := sorted(self.failed_cases(name) - set(promise.cases)):
                yield f"`{promise.id}`: mutant {name} also fails {', '.join(beyond)} (seed {self._seed})"

    def _failed(self, name: str) -> Iterator[dict[str, Any]]:
        return (outcome for outcome in self.outcomes[name] if outcome["status"] != Status.ACCEPTED)


def function_of(case_id: str) -> str:
    """`test_x` of `hidden::test_x[1]`."""
    return case_id.partition("::")[2].partition("[")[0]


def _name(path: Path) -> str:
    return path.name if path.name == "solution.py" else f"{path.parent.name}/{path.name}"


def _rejected(path: Path, exercise: Exercise) -> Iterator[str]:
    submission = read_submission(path, exercise)
    if isinstance(submission, Rejection):
        yield f"it was rejected: {submission.message.en}"


def _uncovered_tasks(exercise: Exercise, run: _Run) -> Iterator[str]:
    cases = run.outcomes[exercise.solution.name]
    known = {task.id for task in exercise.tasks}
    for task in sorted(known - {case["task"] for case in cases}):
        yield f"no case is marked with task {task!r}"
    for case in cases:
        if case["task"] not in known:
            yield f"{case['id']} is marked with task {case['task']!r}, which the manifest does not have"


def _promises(exercise: Exercise, where: Mapping[str, Sequence[_Run]], mutants: Sequence[Mutant]) -> Iterator[str]:
    try:
        promises = read_promises(exercise)
    except ContentError as error:
        yield str(error)
        return
    if not promises:
        yield f"write {exercise.private_dir / FILE}: each graded sentence, and the cases that fail without it"
        return
    cases = {function_of(outcome["id"]) for outcome in where[CPU][0].outcomes[exercise.solution.name]}
    known = {promise.id for promise in promises}
    for case in sorted(cases - {name for promise in promises for name in promise.cases}):
        yield f"{case} holds the statement to no promise; name it in {FILE}, or write the sentence that it grades"
    for mutant in mutants:
        if mutant.breaks is not None and mutant.breaks not in known:
            yield f"mutant {mutant.id} breaks `{mutant.breaks}`, which {FILE} does not have"
    for promise in promises:
        yield from (f"`{promise.id}`: there is no case {name}" for name in promise.cases if name not in cases)
        if mutants:
            yield from _unbroken(promise, where, [mutant for mutant in mutants if mutant.breaks == promise.id])


def _unbroken(promise: Promise, where: Mapping[str, Sequence[_Run]], breaking: Sequence[Mutant]) -> Iterator[str]:
    if not breaking:
        yield f"`{promise.id}`: no mutant says that it breaks this; write one, with `breaks: {promise.id}`"
    for mutant in breaking:
        yield from (said for run in where[mutant.device] for said in run.astray(promise, mutant))
