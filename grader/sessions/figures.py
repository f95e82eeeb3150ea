"""From a session and its records to the figures of a report. What counts is the last attempt and the last verdict."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from grader.model.session import Question, Session
from grader.model.session_figures import Candidate, Mark, Range, Resemblance, Results, talk_share
from grader.model.session_results import Answer, Attempt, Judged, Record, Sheet, Ticks, Turned
from grader.model.text import Text
from grader.model.verdict import Status
from grader.report.strings.session_pages import PAGES
from grader.sessions.items import Sitting, item_figures
from grader.sessions.names import find_names, fold
from grader.sessions.people import current
from grader.sessions.statistics import DRAWS, LEAST, LEAST_QUESTIONS, redrawn_totals

DUELLISTS = 10
TIE = 1e-9

if TYPE_CHECKING:
    from grader.sessions.statistics import Floats


@dataclass(slots=True)
class _Person:
    """Everything that was recorded about one candidate, oldest first."""

    key: str
    attempts: list[Attempt] = field(default_factory=list)
    verdicts: dict[int, list[Judged]] = field(default_factory=lambda: defaultdict(list))
    sheets: dict[str, Sheet] = field(default_factory=dict)
    namesake: bool = False  # whether somebody else goes by this name

    @property
    def name(self) -> str:
        return self.attempts[-1].name if self.attempts else self.key

    def judged(self, number: int) -> list[Judged]:
        """Verdicts on what the last attempt has for a question, oldest first."""
        digest = self.attempts[-1].code.get(number) if self.attempts else None
        return [j for j in self.verdicts.get(number, ()) if digest is None or j.file_digest == digest]

    @property
    def shown(self) -> str:
        """The name, told from that of others."""
        return f"{self.name} ({self.key})" if self.namesake and self.name != self.key else self.name


def results_of(session: Session, records: Iterable[Record], resemblance: Resemblance, torn: int = 0) -> Results:
    """The figures of a whole report."""
    listed = current(records)
    candidates = [_candidate(session, person) for person in _people(listed)]
    candidates, duels = _ranked(session, candidates)
    return Results(
        session=session,
        candidates=tuple(candidates),
        duels=duels,
        items=tuple(item_figures([Sitting(session=session, candidates=candidates)])),
        resemblance=resemblance,
        refused=_still_refused(listed),
        draws=DRAWS,
        least=LEAST,
        least_questions=LEAST_QUESTIONS,
        torn=torn,
    )


def last_sources(session: Session, records: Iterable[Record]) -> dict[int, dict[str, str]]:
    """The last source of each candidate, by question and key."""
    sources: dict[int, dict[str, str]] = {q.number: {} for q in session.questions if q.exercise}
    for person in _people(current(records)):
        for number, found in sources.items():
            verdicts = person.judged(number)
            if verdicts:
                found[person.key] = verdicts[-1].source
    return sources


def _people(records: Sequence[Record]) -> list[_Person]:
    people: dict[str, _Person] = {}
    for record in records:
        if isinstance(record, Attempt):
            people.setdefault(record.candidate, _Person(record.candidate)).attempts.append(record)
        elif isinstance(record, Judged):
            person = people.setdefault(record.candidate, _Person(record.candidate))
            person.verdicts[record.question].append(record)
    found = find_names((person.key, person.name) for person in people.values())
    for sheet in (record for record in records if isinstance(record, Sheet)):
        key = found.setdefault(fold(sheet.candidate), sheet.candidate)
        person = people.setdefault(key, _Person(key))
        person.sheets[sheet.interviewer] = sheet  # the last sheet of each interviewer counts
    goes_by = Counter(name for person in people.values() for name in {fold(person.name), fold(person.key)})
    for person in people.values():
        person.namesake = goes_by[fold(person.name)] > 1
    return list(people.values())


def _candidate(session: Session, person: _Person) -> Candidate:
    marks = tuple(_mark(session, question, person) for question in session.questions)
    minutes = [mark.minutes for mark in marks if mark.minutes is not None]
    told = [mark.minutes for mark in marks if mark.minutes is not None and not mark.measured]
    known = [mark for mark in marks if mark.score is not None]
    weight = sum(mark.question.minutes for mark in known)
    counted = [mark for mark in marks if mark.counted is not None] if known else []
    return Candidate(
        key=person.key,
        name=person.shown,
        marks=marks,
        total=_weighted(counted),
        assessed=weight / max(1, session.planned),
        range=None,
        rank=None,
        rank_low=None,
        rank_high=None,
        minutes=math.fsum(minutes) if minutes else None,
        topics=_topics(session, known),
        mistakes=tuple(d for mark in marks if mark.judged for d in mark.judged.verdict.diagnosis),
        notes=tuple(_notes(session, person)),
        told=math.fsum(told) if told else None,
        clock=person.attempts[-1].clock if person.attempts else None,
        remarks=tuple((sheet.interviewer, sheet.note) for sheet in person.sheets.values() if sheet.note),
        recommendations=tuple((s.interviewer, s.recommendation) for s in person.sheets.values() if s.recommendation),
    )


def _weighted(marks: Sequence[Mark]) -> float | None:
    weight = sum(mark.question.minutes for mark in marks)
    return sum((mark.counted or 0.0) * mark.question.minutes for mark in marks) / weight if weight else None


def _topics(session: Session, known: Sequence[Mark]) -> dict[str, float]:
    """Mean score by topic; a question counts for each of its topics."""
    found = {}
    for topic in session.topics:
        value = _weighted([mark for mark in known if topic in mark.question.topics])
        if value is not None:
            found[topic] = value
    return found


def _mark(session: Session, question: Question, person: _Person) -> Mark:
    number = question.number
    attempt = person.attempts[-1] if person.attempts else None
    missing = attempt is not None and number in attempt.missing
    verdicts = [] if missing else person.judged(number)
    judged = verdicts[-1] if verdicts else None
    answer = attempt.answers.get(number) if attempt else None
    sheets = {name: sheet.questions[number] for name, sheet in person.sheets.items() if number in sheet.questions}
    own = _mean([ticks.score for ticks in sheets.values() if ticks.score is not None])
    auto = _auto(question, answer, judged, missing=missing) if own is None else own
    talk = _talk(question, sheets.values())
    unread = auto is None and attempt is not None and _is_unread(question, attempt)
    return Mark(
        question=question,
        score=None if unread else _joined(session, auto, talk, judged),
        floor=_joined(session, 0.0, talk, judged) if unread else None,
        auto=auto,
        talk=talk,
        answer=answer,
        essay=attempt.essays.get(number, "") if attempt else "",
        judged=judged,
        missing=missing,
        minutes=_minutes(question, attempt, sheets.values()),
        measured=any(ticks.minutes is not None for ticks in sheets.values()),
        ticks=sheets,
    )


def _is_unread(question: Question, attempt: Attempt) -> bool:
    """Whether an answer was handed in that nobody could read yet; ledgers of old have no answers of a missing file."""
    if question.exercise or not question.grades_itself:
        return False
    answer = attempt.answers.get(question.number)
    return not attempt.answers or (answer is not None and answer.score is None)


def _auto(question: Question, answer: Answer | None, judged: Judged | None, *, missing: bool) -> float | None:
    """What a key or a verdict gave; a failure of ours earns nothing and costs nothing."""
    if not question.exercise:
        return answer.score if answer else None
    if missing:
        return 0.0
    if judged is None or judged.verdict.status is Status.JUDGE_ERROR or not judged.verdict.max_score:
        return None
    if question.repair:  # what was handed out earns most points already, so it is mended or it is not
        return float(judged.verdict.status is Status.ACCEPTED)
    return judged.verdict.score / judged.verdict.max_score


def _talk(question: Question, ticked: Iterable[Ticks]) -> float | None:
    """The mean over interviewers of the weight that was met."""
    shares = (talk_share(question, ticks) for ticks in ticked)
    return _mean([share for share in shares if share is not None])


def _joined(session: Session, auto: float | None, talk: float | None, judged: Judged | None) -> float | None:
    """A key or a verdict weighs more than the talk about it; where one of the two is missing, the other is all."""
    if auto is None:
        return None if judged and judged.verdict.status is Status.JUDGE_ERROR else talk
    return auto if talk is None else session.code_share * auto + (1 - session.code_share) * talk


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _minutes(question: Question, attempt: Attempt | None, ticked: Iterable[Ticks]) -> float | None:
    """What the interviewer measured; else what the candidate wrote."""
    measured = [ticks.minutes for ticks in ticked if ticks.minutes is not None]
    if measured:
        return _mean(measured)
    return attempt.minutes.get(question.number) if attempt else None


def _notes(session: Session, person: _Person) -> Iterable[Text]:
    """Integrity notes, and what a reader must know of how the figures came about."""
    if person.namesake:
        yield _note("namesake", name=person.name)
    if len(person.attempts) > 1:
        yield _note("attempts_n", count=len(person.attempts))
    yield from person.attempts[-1].notes if person.attempts else ()
    for question in session.questions:
        number, verdicts = question.number, person.judged(question.number)
        if not verdicts:
            continue
        last = verdicts[-1]
        if len(verdicts) > 1:
            yield _note("regraded_n", number=number, count=len(verdicts))
        if last.verdict.suite_digest != last.suite_then:
            yield _note("changed_suite", number=number, then=last.suite_then[7:15], now=last.verdict.suite_digest[7:15])
        if last.verdict.isolation.level != "strict":
            yield _note("weak_isolation", number=number)
        if last.verdict.status is Status.JUDGE_ERROR:
            yield _note("ours", number=number)
        yield from (Text(en=f"{number}: {note}", zh=f"{number}：{note}") for note in last.verdict.integrity)


def _note(key: str, **values: object) -> Text:
    return PAGES[key].filled(**values)


def _ranked(
    session: Session, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], Mapping[tuple[str, str], float]]:
    """Candidates from the best total down, with ranges; and how often one is ahead of another."""
    import numpy as np

    ordered = sorted(candidates, key=lambda c: (c.total is None, -(c.total or 0.0), c.name))
    scored = [candidate for candidate in ordered if candidate.total is not None]
    if not scored:
        return list(ordered), {}
    scores = np.array([[math.nan if m.counted is None else m.counted for m in c.marks] for c in scored]).T
    totals = redrawn_totals(scores, [q.minutes for q in session.questions], int(session.id, 16))
    ranks = (-totals).argsort(axis=1).argsort(axis=1) + 1
    lows, highs = np.quantile(totals, [0.05, 0.95], axis=0)
    rank_lows, rank_highs = np.quantile(ranks, [0.05, 0.95], axis=0)
    ranked = []
    for place, candidate in enumerate(scored):
        known = sum(mark.score is not None for mark in candidate.marks)
        sure = known >= LEAST_QUESTIONS
        value = candidate.total or 0.0
        ranked.append(
            replace(
                candidate,
                rank=1 + sum((other.total or 0.0) > value + 1e-9 for other in scored),
                range=_around(value, float(lows[place]), float(highs[place]), known) if sure else None,
                rank_low=round(float(rank_lows[place])) if sure else None,
                rank_high=round(float(rank_highs[place])) if sure else None,
            )
        )
    first = [place for place, candidate in enumerate(ranked) if candidate.range][:DUELLISTS]
    duels: dict[tuple[str, str], float] = {}
    for a, b in itertools.combinations(first, 2):
        share = _ahead(session, scores, a, b)
        duels |= {(ranked[a].key, ranked[b].key): share, (ranked[b].key, ranked[a].key): 1 - share}
    return [*ranked, *(c for c in ordered if c.total is None)], duels


def _ahead(session: Session, scores: Floats, first: int, second: int) -> float:
    """How often one candidate is ahead of another over the questions that both were assessed on; a tie counts half.

    Each draw is used twice, the second time with the candidates' places changed, so that equal scores give one half.
    """
    import numpy as np

    both = scores[:, [first, second]]
    both = np.where(np.isnan(both).any(axis=1, keepdims=True), np.nan, both)
    minutes = [q.minutes for q in session.questions]
    straight = redrawn_totals(both, minutes, int(session.id, 16)) @ [1, -1]
    turned = redrawn_totals(both[:, ::-1], minutes, int(session.id, 16)) @ [-1, 1]
    difference = np.concatenate([straight, turned])
    return float(np.mean(difference > TIE) + np.mean(np.abs(difference) <= TIE) / 2)


def _around(value: float, low: float, high: float, n: int) -> Range:
    return Range(value=value, low=min(low, value), high=max(high, value), n=n)


def _still_refused(records: Sequence[Record]) -> tuple[Turned, ...]:
    """Refusals of archives that were not accepted later on."""
    accepted = {record.archive: record.at for record in records if isinstance(record, Attempt)}
    refused = (record for record in records if isinstance(record, Turned))
    return tuple(turned for turned in refused if accepted.get(turned.archive, "") < turned.at)
