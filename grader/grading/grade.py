"""From a submission to its verdict.

`grade` is a pure use case: it knows an exercise, a submission and an engine, and nothing of files, people or a store.
A failure of the candidate's code is in the verdict; a failure of ours is in the verdict too, as `judge_error`, so that
one bad suite does not stop a batch.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from grader.box.faults import explained
from grader.engine.news import Late
from grader.errors import BoxError, JudgeError, PackageError
from grader.grading.intake import Rejection
from grader.judge.job import Job
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Lang, Text
from grader.model.verdict import (
    Cause,
    Diagnosis,
    Isolation,
    Likeness,
    Outcome,
    Resources,
    Status,
    TaskScore,
    Verdict,
    fold_status,
)
from grader.model.version import own_version

SEED_BITS = 53  # a seed survives every JSON reader as an exact number


class JudgedLike(Protocol):
    """What an engine returns for one submission."""

    @property
    def cases(self) -> tuple[dict[str, Any], ...]:
        """Outcomes in the suite's order, as plain data."""

    @property
    def expected_cases(self) -> int:
        """How many cases were collected."""

    @property
    def account(self) -> dict[str, Any]:
        """Times, memory, layers, mutants that match, integrity notes."""

    @property
    def versions(self) -> dict[str, str]:
        """Versions of what ran the submission."""


class Judging(Protocol):
    """The part of an engine that grading needs."""

    def judge(self, exercise: Exercise, job: Job, *, late: Late | None = None) -> JudgedLike:
        """Run one submission, and tell `late` of a case that its time limit ended, before the others have.

        Raises BoxError or JudgeError when we fail.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to grade: a seed to replay (None draws a secret one), the device, and the language of plain messages.

    `late` is told, from any thread, of the first case of a submission that its time limit ended.
    """

    seed: int | None = None
    device: str = "cpu"
    diagnose: bool = True
    strict: bool = True
    lang: Lang = "en"
    late: Late | None = None


def grade(exercise: Exercise, submission: Submission | Rejection, engine: Judging, options: Options) -> Verdict:
    """The verdict of one submission; never raises for what the candidate or the judge did wrong.

    Raises PackageError where nothing could be graded, whatever was submitted: a package is not installed.
    """
    seed = secrets.randbits(SEED_BITS) if options.seed is None else options.seed
    sheet = _Sheet(exercise, submission, seed, options)
    if isinstance(submission, Rejection):
        return sheet.unjudged(Status.REJECTED, submission.message.get(options.lang))
    job = Job(
        source=submission.source,
        seed=seed,
        device=options.device,
        diagnose=options.diagnose,
        modules=submission.modules,
    )
    try:
        judged = engine.judge(exercise, job, late=options.late)
    except PackageError:
        raise
    except BoxError as error:
        return sheet.unjudged(Status.JUDGE_ERROR, explained(str(error)).get(options.lang))
    except JudgeError as error:
        return sheet.unjudged(Status.JUDGE_ERROR, str(error))
    return sheet.judged(judged)


def not_judged(exercise: Exercise, submission: Submission | Rejection, message: str, options: Options) -> Verdict:
    """The verdict that a submission could not be judged, for a reason of ours."""
    seed = secrets.randbits(SEED_BITS) if options.seed is None else options.seed
    return _Sheet(exercise, submission, seed, options).unjudged(Status.JUDGE_ERROR, message)


def grade_all(
    exercise: Exercise,
    submissions: Iterable[Submission | Rejection],
    engine: Judging,
    options: Options,
    jobs: int = 1,
) -> Iterator[Verdict]:
    """Verdicts in the order of the submissions, `jobs` of them made at a time.

    When the caller stops early (Ctrl-C), what has not begun is dropped, and what has is not waited for: the engine
    ends it.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, jobs))
    try:
        futures: list[Future[Verdict]] = [
            pool.submit(grade, exercise, submission, engine, options) for submission in submissions
        ]
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Sheet:
    """What every verdict on one submission has in common."""

    def __init__(self, exercise: Exercise, submission: Submission | Rejection, seed: int, options: Options) -> None:
        self._exercise = exercise
        self._submission = submission
        self._seed = seed
        self._options = options

    def unjudged(self, status: Status, message: str) -> Verdict:
        """A verdict without cases: rejected before anything ran, or a failure of ours."""
        return self._verdict(status, message=message)

    def judged(self, judged: JudgedLike) -> Verdict:
        """The fold of the judge's outcomes."""
        outcomes = tuple(_outcome(data) for data in judged.cases)
        status, message = fold_status(outcomes), ""
        if len(outcomes) != judged.expected_cases:
            status, message = Status.JUDGE_ERROR, "the judge did not run every case that it had collected"
        if status is Status.REJECTED:
            message, outcomes = outcomes[0].message.get(self._options.lang), ()
        elif status is Status.JUDGE_ERROR and not message:
            message = next((o.message.en for o in outcomes if o.status is status), "the judge ran no case")
        account = judged.account
        return self._verdict(
            status,
            message=message,
            outcomes=outcomes,
            diagnosis=self._diagnosis(account["mutants"]),
            resources=Resources(
                wall_ms=account["wall_ms"], cpu_ms=account["cpu_ms"], peak_rss_bytes=account["peak_rss_bytes"]
            ),
            layers=tuple(account["layers"]),
            versions=judged.versions,
            integrity=tuple(account["integrity"]),
        )

    def _verdict(
        self,
        status: Status,
        *,
        message: str,
        outcomes: tuple[Outcome, ...] = (),
        diagnosis: tuple[Diagnosis, ...] = (),
        resources: Resources | None = None,
        layers: tuple[str, ...] = (),
        versions: Mapping[str, str] | None = None,
        integrity: tuple[str, ...] = (),
    ) -> Verdict:
        tasks = () if status is Status.JUDGE_ERROR else _score(self._exercise, outcomes)
        return Verdict(
            submission=self._submission.name,
            status=status,
            score=sum(task.score for task in tasks),
            max_score=self._exercise.max_score,
            tasks=tasks,
            cases=outcomes,
            diagnosis=diagnosis,
            resources=resources or Resources(),
            isolation=Isolation(level="strict" if self._options.strict else "process", layers=layers),
            device=self._options.device,
            seed=self._seed,
            exercise_id=self._exercise.id,
            exercise_version=self._exercise.version,
            suite_digest=self._exercise.suite_digest,
            submission_digest=self._submission.digest,
            versions={"viva": own_version(), **(versions or {})},
            integrity=integrity,
            message=message,
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    def _diagnosis(self, named: Sequence[tuple[str, Likeness]]) -> tuple[Diagnosis, ...]:
        known = {mutant.id: mutant for mutant in self._exercise.mutants}
        return tuple(
            Diagnosis(mutant=name, title=known[name].title, advice=known[name].advice, likeness=likeness)
            for name, likeness in named
        )


def _score(exercise: Exercise, outcomes: Sequence[Outcome]) -> tuple[TaskScore, ...]:
    """A task earns its points when it has cases and each of them passed."""

    def earned(task: str) -> bool:
        own = [outcome for outcome in outcomes if outcome.task == task]
        return bool(own) and all(outcome.status is Status.ACCEPTED for outcome in own)

    return tuple(
        TaskScore(id=task.id, title=task.title, score=task.points if earned(task.id) else 0.0, max_score=task.points)
        for task in exercise.tasks
    )


def _outcome(data: dict[str, Any]) -> Outcome:
    cause = data["cause"]
    known = {
        "status": Status(data["status"]),
        "title": Text(**data["title"]),
        "message": Text(**data["message"]),
        "cause": Cause(**cause) if cause else None,
    }
    return Outcome(**{**data, **known})
