"""An interview session, frozen: everything that a guide, a bundle or a report shows, so that no bank is read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from grader.model.entry import Criterion, FollowUp, Kind, Level, Numeric
from grader.model.exercise import Source
from grader.model.repair import ShownRepair
from grader.model.text import Text

SCHEMA = "viva.session/1"
BELONGS = 1.0  # a topic of which a role says nothing weighs this much; what weighs less is not the role's


def role_weight(topics: Collection[str], weights: Mapping[str, float]) -> float:
    """How much a role is about what something is about: the weight of the weightiest of its topics."""
    return max((weights.get(topic, BELONGS) for topic in topics), default=BELONGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to pick, under the label of this session; `origin` is its id in the bank."""

    label: str
    origin: str
    correct: bool
    text: Text
    why: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """One step of an order, under the label of this session; `place` is where it belongs, counted from 1."""

    label: str
    origin: str
    place: int
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenTask:
    """A pointed group of cases, by name only."""

    id: str
    title: Text
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenExercise:
    """The public half of an exercise as it was, and the digest of all that its verdicts depend on.

    `files` maps the names of public files (`solution.py` is the stub, or what is to be mended) to their text,
    `tolerances` a dtype to (rtol, atol). `notes` and `repair`, which says what is planted, are for the interviewer.
    """

    id: str
    version: int
    suite_digest: str
    title: Text
    tasks: tuple[FrozenTask, ...]
    files: Mapping[str, str]
    statement: Text
    tolerances: Mapping[str, tuple[float, float]]
    notes: Text
    repair: ShownRepair | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a session: an entry of the bank, its numbers drawn and its choices shuffled.

    `digest` is that of the entry's file. What a kind has no use for is empty or None.
    """

    number: int
    entry: str
    revision: int
    digest: str
    kind: Kind
    topics: tuple[str, ...]
    level: Level
    difficulty: int
    minutes: int
    title: Text
    prompt: Text
    answer: Text
    rubric: tuple[Criterion, ...] = ()
    red_flags: tuple[Text, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    options: tuple[Option, ...] = ()
    numeric: Numeric | None = None
    steps: tuple[ShownStep, ...] = ()
    exercise: FrozenExercise | None = None
    sources: tuple[Source, ...] = ()

    @property
    def repair(self) -> ShownRepair | None:
        """What is planted, where the question is a repair task."""
        return self.exercise.repair if self.exercise else None

    @property
    def shown_kind(self) -> str:
        """The kind as documents call it: a repair task is called debugging, whatever else has kind `bug`."""
        return "debugging" if self.repair else self.kind

    @property
    def right_labels(self) -> str:
        """Labels of the right options, or of all steps in the right order; empty where neither applies."""
        if self.steps:
            return " ".join(step.label for step in sorted(self.steps, key=lambda step: step.place))
        return " ".join(option.label for option in self.options if option.correct)

    @property
    def grades_itself(self) -> bool:
        """Whether an answer can be scored without a person."""
        return bool(self.options or self.steps or self.numeric or self.exercise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A question that was swapped for another: its number, and the entry that was there."""

    number: int
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a session was meant to be: mean difficulty, minutes at a keyboard and of talk.

    `topics` has what the role is usually asked about, by name: at least one question should be about one of these ids.
    """

    difficulty: float
    keyboard: int
    talk: int
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One interview: `minutes` in all, `opening` for the welcome and `closing` for the candidate's questions.

    `id` is drawn from the contents; `code` is its beginning, which a candidate sees. `topics` names each topic that a
    question is about, and `code_share` is how much of a coding question's score its verdict makes when it was also
    talked over with the rubric. `weights` says how much each topic belongs to the role; sessions of earlier versions
    have neither them nor an `aim`.
    """

    id: str
    title: Text
    role: str
    level: Level
    minutes: int
    opening: int
    closing: int
    seed: int
    form: int
    forms: int
    created: str  # UTC, ISO 8601
    wishes: tuple[str, ...]
    topics: Mapping[str, Text]
    questions: tuple[Question, ...]
    code_share: float = 0.7
    notes: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    aim: Aim | None = None
    replaced: tuple[Replaced, ...] = ()

    @property
    def code(self) -> str:
        """What a candidate may know of the id."""
        return self.id[:6]

    @property
    def planned(self) -> int:
        """Minutes of all questions."""
        return sum(question.minutes for question in self.questions)

    @property
    def keyboard(self) -> int:
        """Minutes of what is done at a keyboard."""
        return sum(question.minutes for question in self.questions if question.exercise)

    @property
    def fitting(self) -> int:
        """How many questions are about what the role does."""
        return sum(role_weight(question.topics, self.weights) >= BELONGS for question in self.questions)

    @property
    def difficulty(self) -> float:
        """Mean difficulty of the questions, each weighing its minutes."""
        return sum(q.difficulty * q.minutes for q in self.questions) / max(1, self.planned)

    def question(self, number: int) -> Question | None:
        """The question with that number, where there is one."""
        return next((question for question in self.questions if question.number == number), None)
