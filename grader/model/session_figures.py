"""What a report shows: figures made from a session and its records. Scores are shares from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.model.session import Question, Session
from grader.model.session_results import Answer, Judged, Ticks, Turned
from grader.model.text import Text
from grader.model.verdict import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure and the range in which it may well be; `n` is what it was made from."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One candidate's result on one question; `score` is None until it was assessed.

    `auto` came from a key or a verdict, `talk` from ticked rubrics. `ticks` are those of each interviewer, by name.
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
    ticks: Mapping[str, Ticks] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate: `total` weighs each assessed question by its minutes; `assessed` is the share of minutes.

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
    remarks: tuple[tuple[str, str], ...] = ()  # interviewer, what they wrote overall


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
