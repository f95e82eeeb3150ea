"""What practice leaves behind: answers, what is remembered of an entry, and how able a person seems in a topic.

Answers are the history and are never changed. A memory and an ability are what `grader.practice` makes of that
history; they are kept beside it only to save the work of making them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Literal

from grader.model.entry import Kind, Level
from grader.model.text import Text

Mode = Literal["learn", "mock", "review"]
Goal = Literal["language_models", "data_science", "systems", "everything"]
MODES: tuple[Mode, ...] = ("learn", "mock", "review")
OVERALL = ""  # the key of the ability that all topics share


class Rating(IntEnum):
    """How well an entry was remembered, in the terms of FSRS."""

    AGAIN = 1  # wrong
    HARD = 2  # right, but with hints, after many tries or late; or right in part
    GOOD = 3
    EASY = 4  # right and quick


class Result(StrEnum):
    """How an answer is spoken of."""

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer to one entry.

    `topic`, `level`, `difficulty` and `revision` are those of the entry when it was answered, so that the history
    outlives any change of the bank. `at` is in UTC; `day` is the day of practice where the person was. `score` is from
    0 to 1, hints already paid for. `chance` is the probability of a right guess. `given` is the answer, as text.
    """

    uid: str
    sitting: str
    entry: str
    revision: int
    kind: Kind
    topic: str
    level: Level
    difficulty: int
    at: datetime
    day: date
    mode: Mode
    seed: int
    seconds: float
    score: float
    result: Result
    rating: Rating
    self_assessed: bool
    hints: int
    tries: int
    chance: float
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What FSRS keeps of an entry: `stability` in days, `difficulty` from 1 to 10, and the day it is due again."""

    entry: str
    stability: float
    difficulty: float
    last: date
    due: date
    answers: int
    lapses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """A normal belief about one part of a person's ability, in logits.

    The belief about a topic is the sum of what all topics share (key `OVERALL`) and the topic's own deviation.
    """

    mean: float
    variance: float
    answers: int
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """An exercise that was accepted, and when first; of a repair task that was mended, `exercise` is its key."""

    exercise: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was done about an exercise, or an entry, for which there is no answer yet.

    `name` is the exercise's key, or `entry:` and the id of an entry. `tries` are verdicts, `best` the best share of
    points from 0 to 1, `hints` those that were taken since the last answer, `last` when anything of it was done.
    """

    name: str
    tries: int
    best: float
    hints: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a person practises for: the topics that matter most, and the level; None where they did not say."""

    goal: Goal
    level: Level | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a topic, an area or everything stands, on the bank's scale of difficulty from 1 to 10.

    A question as difficult as `level` is answered well half of the time; `spread` is one standard deviation.
    `share` is the mean score of its answers.
    """

    id: str
    title: Text
    level: float
    spread: float
    answers: int
    share: float
    seconds: float


class Mark(StrEnum):
    """Where a person stands with an entry or an exercise."""

    DONE = "done"
    DUE = "due"  # done or not, it has come back
    TRIED = "tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many exercises there are and how many of them were solved; the same of questions, and answered right."""

    exercises: int = 0
    solved: int = 0
    questions: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that the progress page shows.

    `daily` has the answers of each day of the last weeks, oldest first, today last; `forecast` how many entries fall
    due today and on each of the days after it.
    """

    today: date
    answers: int
    entries_seen: int
    entries_known: int
    streak: int
    longest_streak: int
    due: int
    next_due: date | None
    daily: tuple[int, ...]
    forecast: tuple[int, ...]
    seconds_today: float
    seconds_week: float
    seconds: float
    overall: Standing
    areas: tuple[Standing, ...]
    weakest: tuple[Standing, ...]
    kinds: Mapping[str, Standing]
    tally: Tally = Tally()
