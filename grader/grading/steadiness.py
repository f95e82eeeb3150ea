"""Whether a right solution is always accepted, on a machine that has other things to do, and what its cases take.

A suite draws its inputs anew for every verdict. One that rejects the reference on one seed in a hundred, or when a case
has to wait for its turn, would reject candidates too; some hundreds of verdicts on as many seeds, with every core busy,
show it. The floor is measured before, while nothing else of ours runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from grader.errors import JudgeError
from grader.grading.benchmark import floor_ms
from grader.grading.grade import Judging, Options, grade
from grader.grading.intake import Rejection, read_submission
from grader.model.exercise import Exercise
from grader.model.verdict import Status, Verdict

VERDICTS: Final = 200
_FLOOR_ROUNDS: Final = 15
FLOOR_WANTED_MS: Final = {"junior": 60.0, "mid": 60.0, "senior": 60.0, "staff": 150.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """Of one exercise: how many verdicts of the reference were made, which were not accepted, and its floor.

    `failed` holds a sentence for each with its seed; `floor_ms` is the time of all cases without box or wire.
    """

    verdicts: int
    failed: tuple[str, ...]
    floor_ms: float


def steadiness(exercise: Exercise, engine: Judging, *, verdicts: int = VERDICTS) -> Steadiness:
    """Grade the reference on the seeds from 1 on, two at a time for each core. Raises JudgeError if not admitted."""
    read = read_submission(exercise.solution, exercise)
    if isinstance(read, Rejection):
        raise JudgeError(f"the reference solution of {exercise.id} is not admitted: {read.message.en}")
    floor = min(floor_ms(exercise, _FLOOR_ROUNDS))  # the fastest, for other programs only make it slower
    seeds = range(1, verdicts + 1)
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        made = pool.map(lambda seed: grade(exercise, read, engine, Options(seed=seed)), seeds)
        failed = tuple(_failures(zip(seeds, made, strict=True)))
    return Steadiness(verdicts=verdicts, failed=failed, floor_ms=floor)


def _failures(made: Iterable[tuple[int, Verdict]]) -> Iterator[str]:
    for seed, verdict in made:
        if verdict.status is not Status.ACCEPTED:
            yield f"seed {seed}: {_reason(verdict)}"


def _reason(verdict: Verdict) -> str:
    """The first case that did not pass, else what the verdict says."""
    for case in verdict.cases:
        if case.status is not Status.ACCEPTED:
            return f"{case.id}: {case.status.value} {case.message.en}"
    return f"{verdict.status.value} {verdict.message}"
