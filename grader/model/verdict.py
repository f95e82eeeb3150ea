"""What a submission earned: outcomes of single cases, and the verdict that folds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from grader.model.text import NOTHING, Text

SCHEMA = "viva.verdict/1"
Visibility = Literal["public", "hidden"]


class Status(StrEnum):
    """How a case, or a whole submission, ended."""

    ACCEPTED = "accepted"  # every case that was collected ran and passed
    WRONG_ANSWER = "wrong_answer"  # a value, an error or a property was not what the statement says
    RUNTIME_ERROR = "runtime_error"  # the candidate's code raised, or ended its process
    TIME_LIMIT = "time_limit"  # wall or CPU time ran out
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    REJECTED = "rejected"  # not run: policy, syntax, size
    JUDGE_ERROR = "judge_error"  # ours; never charged to the candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What was expected and what came, as short texts; `worst_index` names the element that is furthest off."""

    expected: str
    actual: str
    worst_index: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one case gave; `duration_ms` is wall time in the judge.

    `call` is the last call that a failed public case made, with its arguments; hidden ones keep theirs.
    """

    id: str
    task: str
    visibility: Visibility
    title: Text
    status: Status
    duration_ms: float
    message: Text = NOTHING
    output: str = ""
    cause: Cause | None = None
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScore:
    """Points of one task: all of them when each of its cases passed, otherwise none."""

    id: str
    title: Text
    score: float
    max_score: float


Likeness = Literal["behaves_like", "looks_most_like"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A known mistake that the submission behaves like, or, where it makes others too, looks most like."""

    mutant: str
    title: Text
    advice: Text
    likeness: Likeness = "behaves_like"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the submission used: wall time in the judge, CPU time and peak resident memory of its boxes."""

    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    peak_rss_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How strongly candidate code was confined: the level, and each layer that held."""

    level: str
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The fold of all outcomes of one submission, with all that is needed to replay it."""

    submission: str
    status: Status
    score: float
    max_score: float
    tasks: tuple[TaskScore, ...]
    cases: tuple[Outcome, ...]
    diagnosis: tuple[Diagnosis, ...]
    resources: Resources
    isolation: Isolation
    device: str
    seed: int
    exercise_id: str
    exercise_version: int
    suite_digest: str
    submission_digest: str
    versions: Mapping[str, str]
    integrity: tuple[str, ...]
    message: str
    created: str  # UTC, ISO 8601


def fold_status(outcomes: Sequence[Outcome]) -> Status:
    """The status of a whole submission.

    A failure of ours in any case makes the whole a `judge_error`. Otherwise the first case that did not pass, in the
    suite's order, names it. Nothing was run: `judge_error`, because an empty suite proves nothing.
    """
    if not outcomes or any(outcome.status is Status.JUDGE_ERROR for outcome in outcomes):
        return Status.JUDGE_ERROR
    return next((o.status for o in outcomes if o.status is not Status.ACCEPTED), Status.ACCEPTED)
