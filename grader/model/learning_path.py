"""Learning paths: entries and exercises in an order that teaches, and how far along one a person is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from grader.model.entry import Lifecycle
from grader.model.text import Text

StepKind = Literal["entry", "exercise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One step: the entry or the exercise `name`, and why it comes where it does."""

    kind: StepKind
    name: str
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPath:
    """A path as its author wrote it; `path` is its file."""

    id: str
    status: Lifecycle
    title: Text
    summary: Text
    steps: tuple[PathStep, ...]
    path: Path


class StepState(StrEnum):
    """How far a person is with one step."""

    DONE = "done"  # answered right, or the exercise was accepted
    SEEN = "seen"  # answered, and never right
    OPEN = "open"  # never answered


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStanding:
    """A step for one person.

    `number` counts from 1. `entry` is the entry by which the quiz asks the step: its own, or the `code` entry of its
    exercise; None where an exercise has none, so that no quiz can ask it.
    """

    step: PathStep
    number: int
    title: Text
    minutes: int
    entry: str | None
    state: StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStanding:
    """A path for one person; `left_out` has the names of steps that cannot be asked: retired, broken or not there."""

    path: LearningPath
    steps: tuple[StepStanding, ...]
    left_out: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state is StepState.DONE for step in self.steps)

    @property
    def minutes(self) -> int:
        """What all steps take together."""
        return sum(step.minutes for step in self.steps)

    @property
    def minutes_left(self) -> int:
        """What the steps that are not done take together."""
        return sum(step.minutes for step in self.ahead)

    @property
    def ahead(self) -> tuple[StepStanding, ...]:
        """The steps that are not done, in order."""
        return tuple(step for step in self.steps if step.state is not StepState.DONE)

    @property
    def next(self) -> StepStanding | None:
        """The first step that is not done; None when all are."""
        return next(iter(self.ahead), None)
