"""What became of a session: attempts, ticked rubrics and verdicts, as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from grader.model.text import Text
from grader.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a candidate wrote for one question, and its score from 0 to 1; None where it could not be understood."""

    given: str
    score: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a candidate began and ended, by their machine: UTC, ISO 8601; `ended` is empty until it is over."""

    started: str
    ended: str = ""

    @property
    def minutes(self) -> float | None:
        """Minutes from start to end; None for a clock that was never stopped."""
        if not self.ended:
            return None
        return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.started)).total_seconds() / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one candidate handed in at once.

    `candidate` tells candidates apart, `name` is what they call themselves. `answers`, `essays` and `minutes` are by
    question number, `code` has the digest of each solution; `missing` lists coding questions without a file. `minutes`
    are what the candidate says, `clock` what was measured.
    """

    candidate: str
    name: str
    archive: str
    digest: str
    at: str  # UTC, ISO 8601
    answers: Mapping[int, Answer] = field(default_factory=dict)
    essays: Mapping[int, str] = field(default_factory=dict)
    minutes: Mapping[int, float] = field(default_factory=dict)
    code: Mapping[int, str] = field(default_factory=dict)
    missing: tuple[int, ...] = ()
    notes: tuple[Text, ...] = ()
    clock: Clock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One verdict on one question; `suite_then` is the suite's digest when the session was made."""

    candidate: str
    question: int
    file_digest: str
    source: str
    suite_then: str
    verdict: Verdict
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """An interviewer's marks on one question: share of each criterion met (0 to 1), places of red flags, a note.

    `score` stands in for the key or the verdict: for an answer that was given aloud, or could not be read.
    """

    criteria: Mapping[str, float] = field(default_factory=dict)
    score: float | None = None
    red_flags: tuple[int, ...] = ()
    minutes: float | None = None
    note: str = ""


RECOMMENDATIONS = ("strong_hire", "hire", "lean_hire", "lean_no_hire", "no_hire")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One interviewer's ticked rubric for one candidate; `recommendation` is one of `RECOMMENDATIONS`, or empty."""

    candidate: str
    interviewer: str
    at: str
    questions: Mapping[int, Ticks] = field(default_factory=dict)
    note: str = ""
    recommendation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """Something that was sent back and refused."""

    archive: str
    reason: Text
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person corrected afterwards; what was recorded before stays, and is read in the light of this.

    `rename` calls the candidate `name` what `to` says; `remove` drops all that was recorded of them so far; `rubric`
    takes back the last rubric of the interviewer `to` for them; `refusal` drops the refusals of the archive `name`.
    """

    action: Literal["rename", "remove", "rubric", "refusal"]
    name: str
    to: str = ""
    at: str


Record = Attempt | Judged | Sheet | Turned | Correction
