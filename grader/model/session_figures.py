"""What a report shows: figures made from a session and its records. Scores are shares from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.model.session import Question, Session
from grader.model.session_results import Answer, Clock, Judged, Ticks, Turned
from grader.model.text import Text
from grader.model.verdict import Diagnosis

ALL = 0.999  # share of minutes from which everything was assessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure and the range in which it may well be; `n` is what it was made from."""

    value: float
    low: float
    high: float
    n: int


APART = 0.25  # of a talk's score, from which two interviewers are said to disagree


def talk_share(question: Question, ticks: Ticks) -> float | None:
    """The weight of the criteria that one interviewer saw met; None where none was ticked.

    Once one criterion of a question is ticked, the others count as not met.
    """
    if not ticks.criteria:
        return None
    return math.fsum(criterion.weight * ticks.criteria.get(criterion.id, 0.0) for criterion in question.rubric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One candidate's result on one question; `score` is None until it was assessed.

    `auto` came from a key or a verdict, `talk` from ticked rubrics; `measured` says that the minutes are an
    interviewer's, not the candidate's own. `ticks` are those of each interviewer, by name.
    `floor` is what is certain of an answer that was handed in and could not be read, and None for any other.
    """

    question: Question
    score: float | None
    auto: float | None = None
    talk: float | None = None
    answer: Answer | None = None
    essay: str = ""
    judged: Judged | None = None
    missing: bool = False
    minutes: float | None = None
    measured: bool = False
    ticks: Mapping[str, Ticks] = field(default_factory=dict)
    floor: float | None = None

    @property
    def counted(self) -> float | None:
        """What it adds to a total: what could not be read earns no more than a blank until a person scores it."""
        return self.floor if self.score is None else self.score

    @property
    def talks(self) -> Mapping[str, float]:
        """The talk's score by each interviewer who ticked it."""
        shares = {name: talk_share(self.question, ticks) for name, ticks in self.ticks.items()}
        return {name: share for name, share in shares.items() if share is not None}

    @property
    def gap(self) -> float | None:
        """How far interviewers are apart on the talk; None where fewer than two ticked it."""
        shares = self.talks.values()
        return max(shares) - min(shares) if len(shares) > 1 else None

    @property
    def is_apart(self) -> bool:
        """Whether interviewers disagree on the talk."""
        return (self.gap or 0.0) >= APART - 1e-9

    @property
    def once(self) -> float | None:
        """Points of a verdict whose failed tasks one known mistake explains alone, if it cost its dearest task only.

        None where it failed one task, where nothing explains all of it, and for a repair task, which has no parts.
        """
        if self.judged is None or self.question.repair:
            return None
        verdict = self.judged.verdict
        lost = [task.max_score - task.score for task in verdict.tasks if task.score < task.max_score]
        alone = len(verdict.diagnosis) == 1 and verdict.diagnosis[0].likeness == "behaves_like"
        return verdict.max_score - max(lost) if alone and len(lost) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate: `total` weighs each question that counts by its minutes; `assessed` is the share of minutes.

    `minutes` adds up those of questions, and `told` what of them is the candidate's own word; `clock` was measured.
    `range` is None where too little was assessed. Ranks count from 1.
    """

    key: str
    name: str
    marks: tuple[Mark, ...]
    total: float | None
    assessed: float
    range: Range | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    minutes: float | None
    topics: Mapping[str, float]
    mistakes: tuple[Diagnosis, ...]
    notes: tuple[Text, ...]
    told: float | None = None
    clock: Clock | None = None
    remarks: tuple[tuple[str, str], ...] = ()  # interviewer, what they wrote overall
    recommendations: tuple[tuple[str, str], ...] = ()  # interviewer, one of RECOMMENDATIONS

    @property
    def red_flags(self) -> tuple[tuple[Question, Text, tuple[str, ...]], ...]:
        """Each red flag that somebody saw: its question, what it says, and who saw it."""
        found: dict[tuple[int, int], list[str]] = {}
        for mark in self.marks:
            for name, ticks in mark.ticks.items():
                for place in ticks.red_flags:
                    found.setdefault((mark.question.number, place), []).append(name)
        questions = {mark.question.number: mark.question for mark in self.marks}
        return tuple(
            (questions[number], questions[number].red_flags[place - 1], tuple(names))
            for (number, place), names in sorted(found.items())
        )

    @property
    def apart(self) -> tuple[Mark, ...]:
        """The questions on which interviewers disagree, the widest gap first."""
        wide = [mark for mark in self.marks if mark.is_apart]
        return tuple(sorted(wide, key=lambda mark: -(mark.gap or 0.0)))

    @property
    def provisional(self) -> bool:
        """Whether something was not assessed yet, so that the total and the rank may change."""
        return self.assessed < ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Figures of one question over candidates; None where there are too few, or no spread.

    `n` of them have a score, and `paired` of these one on other questions too, to correlate it with.
    """

    entry: str
    revision: int
    kind: str
    title: Text
    planned: int
    difficulty: int
    sessions: int
    n: int
    paired: int
    mean: Range | None
    discrimination: Range | None
    minutes: Range | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two submissions to one question that resemble each other; `share` of fingerprints in common."""

    question: int
    first: str
    second: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """Pairs that stand out, and the median over all pairs of each question; `left_out` says why there are none."""

    pairs: tuple[Pair, ...] = ()
    medians: Mapping[int, float] = field(default_factory=dict)
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A whole report: candidates by rank, and how often each of the first few is ahead of each other.

    `draws` is how often questions were drawn anew for the ranges. No figure of a question was made from fewer than
    `least` candidates, and no range of a candidate from fewer than `least_questions` questions.
    """

    session: Session
    candidates: tuple[Candidate, ...]
    duels: Mapping[tuple[str, str], float]
    items: tuple[Item, ...]
    resemblance: Resemblance
    refused: tuple[Turned, ...]
    draws: int
    least: int
    least_questions: int
    torn: int = 0
