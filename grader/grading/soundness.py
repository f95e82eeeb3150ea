"""Is an exercise sound? Every claim that a machine can prove about it, proven by grading.

The reference and every alternative are accepted with time to spare; the stub and the automatic bad submissions earn
nothing; every mutant is caught by the task it belongs to and named by the diagnosis; statement examples hold. Each
claim is tried on several seeds.
"""

from __future__ import annotations

import doctest
import importlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.box.faults import explained
from grader.errors import BoxError, UsageError
from grader.grading.bad_submissions import bad_submissions
from grader.grading.grade import JudgedLike, Judging, Options, grade
from grader.grading.intake import Rejection, read_submission
from grader.guest.environments import named
from grader.judge.job import Job
from grader.judge.plugin import load_module
from grader.model.exercise import Exercise, Mutant
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict

TIME_TO_SPARE = 0.5  # of the wall limit; a loaded machine is slow, and so are candidates' laptops
PUBLIC_FILES = {
    "exercise.yaml", "statement.en.md", "statement.zh.md", "stub.py", "test_public.py", "driver.py", "__pycache__",
}  # fmt: skip
PRIVATE_FILES = {"solution.py", "test_hidden.py", "alternatives", "mutants", "notes.md", "__pycache__"}
MIN_MUTANTS = 5
_GIVEN_AWAY = "from grader.judge.given_away import main; main()"
_DOCTEST = threading.Lock()
_EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


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


def check(exercise: Exercise, engine: Judging, claims: Claims) -> Iterator[Finding]:
    """Findings in the order in which an author would mend them."""
    grader = _Grader(exercise, engine, claims.seeds)
    yield Finding(claim="there are no stray files, and enough mutants", against=tuple(_stray(exercise)))
    yield Finding(claim="the examples in both statements hold", against=tuple(_examples(exercise)))
    right = [exercise.solution, *exercise.alternatives]
    for path in right:
        yield Finding(claim=f"accepted with time to spare: {path.name}", against=tuple(grader.accepted(path)))
    yield Finding(claim="every task has a case", against=tuple(grader.uncovered_tasks()))
    yield Finding(claim="the stub loads and earns nothing", against=tuple(grader.worthless_file(exercise.stub)))
    if claims.quick:
        return
    if exercise.driver is not None:
        yield Finding(claim="the driver is told nothing that is compared later", against=tuple(_given_away(exercise)))
    for submission in bad_submissions(exercise):
        yield Finding(claim=f"earns nothing: {submission.name}", against=tuple(grader.worthless(submission)))
    for mutant in exercise.mutants:
        yield Finding(claim=f"caught and named: {mutant.name}", against=tuple(grader.caught(mutant)))


class _Grader:
    def __init__(self, exercise: Exercise, engine: Judging, seeds: Sequence[int]) -> None:
        self._exercise = exercise
        self._engine = _Confining(engine)
        self._seeds = seeds
        self._last: Verdict | None = None

    def accepted(self, path: Path) -> Iterator[str]:
        for verdict in self._verdicts(path):
            self._last = verdict
            if verdict.status is not Status.ACCEPTED:
                yield f"{_head(verdict)}: {_first_failure(verdict)}"
            elif verdict.resources.wall_ms > 1000 * TIME_TO_SPARE * self._exercise.limits.wall_s:
                took = f"{verdict.resources.wall_ms:.0f} ms"
                yield f"{_head(verdict)}: took {took}; raise limits.wall_s or lighten the suite"

    def uncovered_tasks(self) -> Iterator[str]:
        cases = self._last.cases if self._last else ()
        known = {task.id for task in self._exercise.tasks}
        for task in known - {case.task for case in cases}:
            yield f"no case is marked with task {task!r}"
        for case in cases:
            if case.task not in known:
                yield f"{case.id} is marked with task {case.task!r}, which the manifest does not have"

    def worthless_file(self, path: Path) -> Iterator[str]:
        submission = read_submission(path, self._exercise)
        if isinstance(submission, Rejection):
            yield f"it was rejected: {submission.message.en}"
        else:
            yield from self.worthless(submission)

    def worthless(self, submission: Submission) -> Iterator[str]:
        verdict = self._grade(submission, self._seeds[0], diagnose=False)
        if verdict.status in (Status.JUDGE_ERROR, Status.ACCEPTED) or verdict.score > 0:
            earned = ", ".join(task.id for task in verdict.tasks if task.score > 0) or verdict.message
            yield f"{_head(verdict)}: earned {verdict.score:g} ({earned})"
        passed = [c.id for c in verdict.cases if c.visibility == "public" and c.status is Status.ACCEPTED]
        if submission.name.endswith("stub.py") and passed:
            yield f"public cases pass on the stub: {', '.join(passed)}"

    def caught(self, mutant: Mutant) -> Iterator[str]:
        for verdict in self._verdicts(mutant.path):
            task = next((task for task in verdict.tasks if task.id == mutant.task), None)
            if task is None:
                yield f"{_head(verdict)}: {verdict.message or f'there is no task {mutant.task!r}'}"
            elif task.score > 0:
                yield f"{_head(verdict)}: task {mutant.task!r} let it pass"
            elif mutant.name not in {diagnosis.mutant for diagnosis in verdict.diagnosis}:
                named = ", ".join(diagnosis.mutant for diagnosis in verdict.diagnosis) or "nothing"
                yield f"{_head(verdict)}: the diagnosis names {named}"

    def _verdicts(self, path: Path) -> Iterator[Verdict]:
        submission = read_submission(path, self._exercise)
        return (self._grade(submission, seed, diagnose=True) for seed in self._seeds)

    def _grade(self, submission: Submission | Rejection, seed: int, *, diagnose: bool) -> Verdict:
        return grade(self._exercise, submission, self._engine, Options(seed=seed, diagnose=diagnose))


class _Confining:
    """An engine that a machine must be good enough for: what it lacks says nothing of an exercise, so all ends."""

    def __init__(self, engine: Judging) -> None:
        self._engine = engine

    def judge(self, exercise: Exercise, job: Job) -> JudgedLike:
        """Run one submission; raises UsageError where it cannot be confined."""
        try:
            return self._engine.judge(exercise, job)
        except BoxError as error:
            words = explained(str(error))
            raise UsageError(words.en, words.zh) from error


def _head(verdict: Verdict) -> str:
    return f"seed {verdict.seed}, {verdict.status}"


def _first_failure(verdict: Verdict) -> str:
    case = next((case for case in verdict.cases if case.status is not Status.ACCEPTED), None)
    return f"{case.id}: {case.message.en}" if case else verdict.message


def _stray(exercise: Exercise) -> Iterator[str]:
    for folder, allowed in ((exercise.public_dir, PUBLIC_FILES), (exercise.private_dir, PRIVATE_FILES)):
        for path in sorted(folder.iterdir()):
            if path.name not in allowed:
                yield f"{path} does not belong there; remove it"
    if len(exercise.mutants) < MIN_MUTANTS:
        yield f"there are {len(exercise.mutants)} mutants; write at least {MIN_MUTANTS}"
    if not (exercise.private_dir / "notes.md").is_file():
        yield "there are no notes for interviewers; write notes.md"

    if (exercise.driver is None) != (exercise.driver_note is None):
        yield "driver.py and the field `driver` of exercise.yaml, which says why it is needed, belong together"


def _given_away(exercise: Exercise) -> Iterator[str]:
    if exercise.driver_note is not None and exercise.driver_note.knows:
        return
    suites = [str(path) for path in (exercise.public_suite, exercise.hidden_suite)]
    order = json.dumps({"suites": suites, "solution": str(exercise.solution)})
    done = subprocess.run([sys.executable, "-P", "-c", _GIVEN_AWAY], input=order, capture_output=True, text=True)
    if done.returncode:
        yield f"it could not be found out: {done.stderr.strip().splitlines()[-1:]}"
        return
    for case, what in dict(json.loads(done.stdout)).items():
        yield f"{case}: {what}; work it out in the suite, or say in `driver.knows` why it gives nothing away"


def _examples(exercise: Exercise) -> Iterator[str]:
    for lang in ("en", "zh"):
        path = exercise.public_dir / f"statement.{lang}.md"
        blocks = [block for block in _EXAMPLE.findall(path.read_text(encoding="utf-8")) if ">>>" in block]
        if not blocks:
            yield f"{path.name} has no example in a ```python block with >>>"
        for block in blocks:
            yield from _run_example(exercise, path, block)


def _run_example(exercise: Exercise, path: Path, block: str) -> Iterator[str]:
    with _DOCTEST:  # it swaps sys.stdout and sys.displayhook for the whole process
        yield from _example_failures(exercise, path, block)


def _example_failures(exercise: Exercise, path: Path, block: str) -> Iterator[str]:
    names = dict(vars(load_module(exercise.solution, "solution")))
    names.update(_libraries(exercise))
    test = doctest.DocTestParser().get_doctest(block, names, path.name, str(path), 0)
    said: list[str] = []
    write: Callable[[str], Any] = said.append
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(test, out=write)
    if runner.failures:
        yield f"{path.name}: {' '.join(''.join(said).split())}"


def _libraries(exercise: Exercise) -> dict[str, Any]:
    return {name: importlib.import_module(module) for name, module in named(exercise.environment).names.items()}
