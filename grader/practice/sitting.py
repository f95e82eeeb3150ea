"""One sitting of practice: asks, judges, records. Whoever shows it, a terminal or a browser, calls the same methods.

    question = sitting.next()          None when the sitting is over
    sitting.hint()                     as often as there are hints; each is paid for
    sitting.stop()                     the answer is there: the time stops
    sitting.keep(text)                 a draft of it, which is there when the question is asked again
    told = sitting.answer(given)       judged, recorded, and due again
    sitting.assess(told, met)          a written answer, once the person has held it against the rubric
    sitting.skip()                     nothing is recorded, and another question is asked for it

An answer is in the store before anything is told about it, so whatever ends the program later cannot lose it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from grader.errors import ContentError, UsageError
from grader.model.progress import Answered, Memory, Rating, Solved
from grader.model.text import Text
from grader.model.verdict import Status
from grader.practice.answers import Given, Judged, Submitted, Written, judge
from grader.practice.clock import Clock, day_of
from grader.practice.course import Course, Wish
from grader.practice.history import take_in
from grader.practice.ports import Head, PracticeStore, QuestionBank
from grader.practice.question import Question, pose, price
from grader.practice.schedule import rate

LONGEST = 4  # times an entry's minutes: a lid that was closed over a question is not practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What can be told about an answer."""

    question: Question
    judged: Judged
    answered: Answered
    memory: Memory


class Sitting:
    """A sitting.

    `told` and `skipped` have what happened so far, `unusable` why entries were passed over.
    """

    def __init__(self, bank: QuestionBank, store: PracticeStore, clock: Clock, wish: Wish) -> None:
        self.wish = wish
        self.told: list[Told] = []
        self.skipped: list[Question] = []
        self.unusable: list[ContentError | UsageError] = []
        self._bank, self._store, self._clock = bank, store, clock
        self._id = uuid.uuid4().hex
        self._began = clock.now()
        self._course = Course(bank, store, wish, day_of(self._began))
        self._current: Question | None = None
        self._asked_at = self._began
        self._stopped_at: datetime | None = None
        self._hints = 0

    def next(self) -> Question | None:
        """The next question, or None when the sitting is over."""
        self._current = None
        while self._current is None:
            found = self._course.next(self._today(), self.seconds_left())
            if found is None:
                return None
            self._current = self._posed(*found)
        self._asked_at, self._stopped_at = self._clock.now(), None
        self._hints = self._paid_before(self._current)
        return self._current

    def hint(self) -> Text | None:
        """The next hint, the weakest first; None when there is no more."""
        question = self._question()
        if self._hints >= len(question.hints):
            return None
        self._hints += 1
        self._remember_hints(question, self._hints)
        return question.hints[self._hints - 1]

    @property
    def taken(self) -> Sequence[Text]:
        """The hints that were taken for this question, those of an earlier day included: they stay paid for."""
        return self._question().hints[: self._hints]

    @property
    def hints(self) -> int:
        """How many hints were taken for this question."""
        return self._hints

    def stop(self) -> None:
        """The answer is there; what follows (judging, reading a rubric) takes none of its time."""
        self._stopped_at = self._stopped_at or self._clock.now()

    def skip(self) -> None:
        """Leave the question without an answer; nothing is recorded. In a mock it keeps its place and earns nothing."""
        self.skipped.append(self._question())
        if self.wish.mode != "mock":
            self._course.pass_over()
        self._current = None

    @property
    def draft(self) -> str:
        """What was written about this question before and not given; empty where nothing was."""
        return self._store.draft(self._question().entry.id)

    def keep(self, draft: str) -> None:
        """Keep a written answer that is not given yet."""
        self._store.set_draft(self._question().entry.id, draft)

    def answer(self, given: Given) -> Told:
        """Judge and record. Raises UnreadableAnswer, and nothing has happened then."""
        question = self._question()
        judged = judge(question, given)
        self.stop()
        answered = self._answered(question, judged)
        self._note_solved(question, given)
        memory = self._recorded(answered)
        if self._hints:
            self._remember_hints(question, 0)
        if question.way == "write":
            self.keep("")
        told = Told(question=question, judged=judged, answered=answered, memory=memory)
        self.told.append(told)
        self._current = None
        return told

    def _recorded(self, answered: Answered) -> Memory:
        """The memory that is left by an answer, or that was there before one which is not recorded."""
        known = self._store.memories().get(answered.entry) if self.wish.again else None
        return known or self._store.record(answered, take_in)

    def assess(self, told: Told, met: Sequence[str]) -> Told:
        """Replace the proposed assessment of a written answer by the person's own."""
        judged = judge(told.question, Written(text=told.judged.given, met=tuple(met)))
        if judged == told.judged:
            return told
        earlier = told.answered
        answered = replace(
            earlier,
            score=judged.score * (1 - price(earlier.hints)),
            result=judged.result,
            rating=_rating(told.question, judged, earlier.hints, earlier.seconds),
        )
        self._store.merge([answered], [], take_in)
        memory = self._store.memories()[answered.entry]
        new = Told(question=told.question, judged=judged, answered=answered, memory=memory)
        self.told[self.told.index(told)] = new
        return new

    def seconds_left(self) -> float | None:
        """What is left of the sitting's time; below 0 when it ran out, None when nobody set one."""
        return None if self.minutes is None else 60 * self.minutes - self.seconds

    @property
    def minutes(self) -> int | None:
        """The time that the sitting may take; None where nobody set one."""
        return self._course.minutes

    @property
    def planned(self) -> int:
        """How many questions a mock has."""
        return len(self._course.plan)

    @property
    def was_asked(self) -> bool:
        """Whether there was any question."""
        return self._course.given_out > 0

    @property
    def seconds(self) -> float:
        """How long the sitting has taken so far."""
        return (self._clock.now() - self._began).total_seconds()

    def _paid_before(self, question: Question) -> int:
        known = self._store.attempts().get(_name_of(question))
        return min(known.hints, len(question.hints)) if known else 0

    def _remember_hints(self, question: Question, hints: int) -> None:
        self._store.set_hints(_name_of(question), hints, self._clock.now().astimezone(UTC))

    def _today(self) -> date:
        return day_of(self._clock.now())

    def _question(self) -> Question:
        if self._current is None:
            raise RuntimeError("no question is being asked; call next() first")
        return self._current

    def _posed(self, head: Head, due: bool) -> Question | None:
        """The question that an entry makes; None, and a note in `unusable`, where its files are broken."""
        try:
            entry = self._bank.entry(head.id)
            question = pose(entry, self.wish.seed, self._bank.exercise_of(entry))
        except (ContentError, UsageError) as error:
            self.unusable.append(error)
            self._course.pass_over()
            return None
        if self._is_solved_already(question, due=due):
            self._course.pass_over()
            return None
        return replace(question, due=due, number=self._course.counted, total=self._course.total(self._today()))

    def _is_solved_already(self, question: Question, *, due: bool) -> bool:
        """Whether learning would offer as new what was solved outside of a quiz."""
        is_choice = self.wish.mode == "learn" and self.wish.in_order is None and not due
        return is_choice and question.exercise is not None and _name_of(question) in self._store.solved()

    def _answered(self, question: Question, judged: Judged) -> Answered:
        entry, now = question.entry, self._clock.now()
        ended = self._stopped_at or now
        seconds = min(max(0.0, (ended - self._asked_at).total_seconds()), LONGEST * 60.0 * entry.minutes)
        return Answered(
            uid=uuid.uuid4().hex,
            sitting=self._id,
            entry=entry.id,
            revision=entry.revision,
            kind=entry.kind,
            topic=entry.topics[0],
            level=entry.level,
            difficulty=entry.difficulty,
            at=now.astimezone(UTC),
            day=day_of(now),
            mode=self.wish.mode,
            seed=self.wish.seed,
            seconds=seconds,
            score=judged.score * (1 - price(self._hints)),
            result=judged.result,
            rating=_rating(question, judged, self._hints, seconds),
            self_assessed=judged.self_assessed,
            hints=self._hints,
            tries=judged.tries,
            chance=question.chance,
            given=judged.given,
        )

    def _note_solved(self, question: Question, given: Given) -> None:
        if isinstance(given, Submitted) and question.exercise and given.verdict.status is Status.ACCEPTED:
            name = question.repair.key if question.repair else question.exercise.id
            at = self._clock.now().astimezone(UTC)
            self._store.mark_solved(Solved(exercise=name, version=question.exercise.version, at=at))


def _name_of(question: Question) -> str:
    """What hints are kept under: those of an exercise are the same wherever it is worked on."""
    if question.repair:
        return question.repair.key
    return question.exercise.id if question.exercise else f"entry:{question.entry.id}"


def _rating(question: Question, judged: Judged, hints: int, seconds: float) -> Rating:
    return rate(
        judged.result,
        hints=hints,
        tries=judged.tries,
        seconds=seconds,
        minutes=question.entry.minutes,
        chance=question.chance,
    )
