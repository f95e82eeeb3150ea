"""Is an answer right? One function for each way of answering, and what a person is told about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from grader.content.numbers import read_number
from grader.content.unreadable import UnreadableAnswer
from grader.model.entry import BugEntry, ChoiceEntry, CodeEntry, Criterion, Numeric, NumericEntry, OpenEntry, OrderEntry
from grader.model.progress import Result
from grader.model.verdict import Status, Verdict
from grader.practice.question import Question

PARTLY_FROM = 0.5
RIGHT_FROM = 0.999
CONTENT_FROM = 0.8  # nobody ticks every point of a rubric in a few minutes
KEPT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """Ids of options: one to `pick`, any number to `mark`, all of them in the person's order for `order`."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A number, as it was typed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A free answer, and the ids of the criteria that the person finds in it."""

    text: str
    met: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The best verdict on an exercise, after so many tries."""

    verdict: Verdict
    tries: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The person does not know: nothing was answered, and the answer is wanted."""


Given = Picked | Typed | Written | Submitted | GaveUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an answer earned, before hints are paid for.

    `given` is the answer as a text for the history, `met` the criteria that a written answer meets, `verdict` the best
    one on an exercise.
    """

    score: float
    result: Result
    given: str
    tries: int = 1
    self_assessed: bool = False
    met: tuple[str, ...] = ()
    verdict: Verdict | None = None


def judge(question: Question, given: Given) -> Judged:
    """What `given` earns. Raises UnreadableAnswer where it says nothing yet."""
    match given:
        case GaveUp():
            return Judged(score=0.0, result=Result.WRONG, given="")
        case Picked() if question.way == "order":
            return _ordered(question, given.ids)
        case Picked():
            return _picked(question, given.ids)
        case Typed():
            return _typed(question, given.text)
        case Written():
            return _written(question, given)
        case Submitted():
            verdict = given.verdict
            score = verdict.score / verdict.max_score if verdict.max_score else 0.0
            if question.repair is not None:  # the code as it was given earns most points already
                score = float(verdict.status is Status.ACCEPTED)
            return replace(_judged(score, given=verdict.submission_digest, tries=given.tries), verdict=verdict)


def right_ids(question: Question) -> tuple[str, ...]:
    """Ids of the right options; of an `order`, all of them in the right order."""
    match question.entry:
        case ChoiceEntry() | BugEntry():
            return tuple(choice.id for choice in question.entry.choices if choice.correct)
        case OrderEntry():
            return tuple(step.id for step in question.entry.steps)
    return ()


def right_number(question: Question) -> Numeric:
    """The number that a `type` question asks for."""
    entry = question.entry
    if not isinstance(entry, NumericEntry) or not isinstance(entry.numeric, Numeric):
        raise TypeError(f"{entry.id} is not a numeric entry that was made concrete")
    return entry.numeric


def rubric(question: Question) -> tuple[Criterion, ...]:
    """What an interviewer would listen for; empty for kinds without a rubric."""
    entry = question.entry
    return entry.rubric if isinstance(entry, OpenEntry | BugEntry | CodeEntry) else ()


def _judged(score: float, *, given: str, tries: int = 1, own: bool = False) -> Judged:
    right = CONTENT_FROM if own else RIGHT_FROM
    result = Result.RIGHT if score >= right else Result.PARTIAL if score >= PARTLY_FROM else Result.WRONG
    return Judged(score=score, result=result, given=given[:KEPT_CHARACTERS], tries=tries, self_assessed=own)


def _picked(question: Question, ids: Sequence[str]) -> Judged:
    known = {option.id for option in question.options}
    chosen, right = set(ids), set(right_ids(question))
    if not chosen or not chosen <= known:
        raise UnreadableAnswer("quiz.unreadable.pick")
    if question.way == "pick" and len(chosen) > 1:
        raise UnreadableAnswer("quiz.unreadable.one")
    score = max(0, len(chosen & right) - len(chosen - right)) / len(right)
    return _judged(score, given=" ".join(sorted(chosen)))


def _ordered(question: Question, ids: Sequence[str]) -> Judged:
    """Pairs of steps in the right order count, those in the wrong one count against."""
    right = right_ids(question)
    if sorted(ids) != sorted(right):
        raise UnreadableAnswer("quiz.unreadable.order", count=str(len(right)))
    place = {name: number for number, name in enumerate(right)}
    pairs = list(combinations([place[name] for name in ids], 2))
    kept = sum(first < second for first, second in pairs)
    return _judged(max(0.0, 2 * kept / len(pairs) - 1), given=" ".join(ids))


def _typed(question: Question, text: str) -> Judged:
    numeric = right_number(question)
    accepted = numeric.accepts(read_number(text, numeric.unit))
    return _judged(float(accepted), given=text.strip())


def _written(question: Question, given: Written) -> Judged:
    if not given.text.strip():
        raise UnreadableAnswer("quiz.unreadable.empty")
    met = [criterion for criterion in rubric(question) if criterion.id in given.met]
    score = math.fsum(criterion.weight for criterion in met)
    judged = _judged(min(1.0, score), given=given.text.strip(), own=True)
    return replace(judged, met=tuple(criterion.id for criterion in met))
