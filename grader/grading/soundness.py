"""Is an exercise sound? Every claim that a machine can prove about it, proven by grading.

Trusted solutions and bad answers are proven in forks of one warm judge (`proofs`); through a box go, once, the
reference, one alternative, the stub and what ends its own process, which earn nothing. Statement examples hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.box.faults import explained
from grader.engine.news import Late
from grader.errors import BoxError, UsageError
from grader.grading.bad_submissions import bad_answers, bad_ends
from grader.grading.grade import JudgedLike, Judging, Options, grade
from grader.grading.intake import Rejection, read_submission
from grader.grading.proofs import Claims, Finding, ProvedLike, Proving, proven, worthless
from grader.grading.statement_examples import wrong_examples
from grader.judge.job import Job, Proof
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict

TIME_TO_SPARE = 0.5  # of the wall limit; a loaded machine is slow, and so are candidates' laptops
PUBLIC_FILES = {
    "exercise.yaml", "statement.en.md", "statement.zh.md", "stub.py", "test_public.py", "driver.py", "__pycache__",
}  # fmt: skip
PRIVATE_FILES = {
    "solution.py", "test_hidden.py", "alternatives", "mutants", "mutants.yaml", "promises.yaml", "notes.md",
    "__pycache__",
}  # fmt: skip
MIN_MUTANTS = 5


def check(exercise: Exercise, engine: Proving, claims: Claims) -> Iterator[Finding]:
    """Findings in the order in which an author would mend them."""
    yield Finding(claim="there are no stray files, and enough mutants", against=tuple(_stray(exercise)))
    yield Finding(claim="the examples in both statements hold", against=tuple(wrong_examples(exercise)))
    confining = _Confining(engine)
    yield from proven(exercise, confining, claims)
    boxed = _Boxed(exercise, confining, claims.seeds[0])
    for path in (exercise.solution, *exercise.alternatives[:1]):
        yield Finding(claim=f"accepted in a box with time to spare: {path.name}", against=tuple(boxed.accepted(path)))
    yield Finding(claim="the stub loads and earns nothing", against=tuple(boxed.worthless_file(exercise.stub)))
    if claims.quick:
        return
    if exercise.driver is not None:
        told = tuple(_given_away(exercise, confining, claims.seeds[0]))
        yield Finding(claim="the driver is told nothing that is compared later", against=told)
    yield from worthless(exercise, confining, claims.seeds[0], list(bad_answers(exercise)))
    for submission in bad_ends(exercise):
        yield Finding(claim=f"earns nothing: {submission.name}", against=tuple(boxed.worthless(submission)))


class _Boxed:
    """Grades as candidates are graded, on one seed."""

    def __init__(self, exercise: Exercise, engine: Judging, seed: int) -> None:
        self._exercise = exercise
        self._engine = engine
        self._seed = seed

    def accepted(self, path: Path) -> Iterator[str]:
        verdict = self._grade(read_submission(path, self._exercise))
        if verdict.status is not Status.ACCEPTED:
            yield f"{_head(verdict)}: {_first_failure(verdict)}"
        elif verdict.resources.wall_ms > 1000 * TIME_TO_SPARE * self._exercise.limits.wall_s:
            took = f"{verdict.resources.wall_ms:.0f} ms"
            yield f"{_head(verdict)}: took {took}; raise limits.wall_s or lighten the suite"

    def worthless_file(self, path: Path) -> Iterator[str]:
        submission = read_submission(path, self._exercise)
        if isinstance(submission, Rejection):
            yield f"it was rejected: {submission.message.en}"
        else:
            yield from self.worthless(submission)

    def worthless(self, submission: Submission) -> Iterator[str]:
        verdict = self._grade(submission)
        if verdict.status in (Status.JUDGE_ERROR, Status.ACCEPTED) or verdict.score > 0:
            earned = ", ".join(task.id for task in verdict.tasks if task.score > 0) or verdict.message
            yield f"{_head(verdict)}: earned {verdict.score:g} ({earned})"
        passed = [c.id for c in verdict.cases if c.visibility == "public" and c.status is Status.ACCEPTED]
        if submission.name.endswith("stub.py") and passed:
            yield f"public cases pass on the stub: {', '.join(passed)}"

    def _grade(self, submission: Submission | Rejection) -> Verdict:
        return grade(self._exercise, submission, self._engine, Options(seed=self._seed, diagnose=False))


class _Confining:
    """An engine that a machine must be good enough for: what it lacks says nothing of an exercise, so all ends."""

    def __init__(self, engine: Proving) -> None:
        self._engine = engine

    def prove(self, exercise: Exercise, proof: Proof) -> ProvedLike:
        """Run trusted solutions, which takes no box."""
        return self._engine.prove(exercise, proof)

    def judge(self, exercise: Exercise, job: Job, *, late: Late | None = None) -> JudgedLike:
        """Run one submission; raises UsageError where it cannot be confined."""
        try:
            return self._engine.judge(exercise, job, late=late)
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


def _given_away(exercise: Exercise, engine: Proving, seed: int) -> Iterator[str]:
    if exercise.driver_note is not None and exercise.driver_note.knows:
        return
    for case, what in engine.prove(exercise, Proof(seed=seed, solutions=(), driver=True)).told:
        yield f"{case}: {what}; work it out in the suite, or say in `driver.knows` why it gives nothing away"
