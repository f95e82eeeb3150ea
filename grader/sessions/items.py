"""Figures of questions over one session or many: how hard, how telling, how long.

An entry that was revised counts as another question. Discrimination is the correlation of a question's score with the
score on all other questions of the same session; over several sessions the latter is standardised within each, since
different forms are not equally hard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.model.session import Question, Session
from grader.model.session_figures import Candidate, Item
from grader.sessions.statistics import correlation_range, mean_range, median_range, standardised


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One session and its candidates."""

    session: Session
    candidates: Sequence[Candidate]


@dataclass(slots=True)
class _Gathered:
    """What is known of one question so far."""

    question: Question
    sessions: set[str] = field(default_factory=set)
    scores: list[float] = field(default_factory=list)
    paired: list[float] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)


def item_figures(sittings: Iterable[Sitting]) -> list[Item]:
    """One item per question that was asked, in the order in which they came."""
    gathered: dict[tuple[str, int], _Gathered] = {}
    for sitting in sittings:
        for place, question in enumerate(sitting.session.questions):
            key = (question.entry, question.revision)
            _gather(gathered.setdefault(key, _Gathered(question)), sitting, place)
    return [_item(found) for found in gathered.values()]


def _gather(found: _Gathered, sitting: Sitting, place: int) -> None:
    found.sessions.add(sitting.session.id)
    both: dict[str, list[float]] = defaultdict(list)
    for candidate in sitting.candidates:
        mark = candidate.marks[place]
        if mark.minutes is not None:
            found.minutes.append(mark.minutes)
        if mark.score is None:
            continue
        found.scores.append(mark.score)
        rest = _rest(candidate, place)
        if rest is not None:
            both["score"].append(mark.score)
            both["rest"].append(rest)
    if len(both["rest"]) > 1:
        found.paired += both["score"]
        found.rests += standardised(both["rest"])


def _rest(candidate: Candidate, place: int) -> float | None:
    """The mean score of all other questions that were assessed."""
    others = [m for n, m in enumerate(candidate.marks) if n != place and m.score is not None]
    weight = sum(mark.question.minutes for mark in others)
    return sum((mark.score or 0.0) * mark.question.minutes for mark in others) / weight if weight else None


def _item(found: _Gathered) -> Item:
    question = found.question
    return Item(
        entry=question.entry,
        revision=question.revision,
        kind=question.shown_kind,
        title=question.title,
        planned=question.minutes,
        difficulty=question.difficulty,
        sessions=len(found.sessions),
        n=len(found.scores),
        paired=len(found.paired),
        mean=mean_range(found.scores),
        discrimination=correlation_range(found.paired, found.rests),
        minutes=median_range(found.minutes),
    )
