"""The history at a glance: what the progress page shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from grader.content.syllabus import Area
from grader.model.progress import OVERALL, Ability, Answered, Memory, Overview, Standing, Tally
from grader.model.text import Text
from grader.practice import ability
from grader.practice.ports import ProgressStore
from grader.practice.schedule import recall

WEEKS = 12
FORECAST_DAYS = 14
WELL_KNOWN_FROM = 0.9  # recall today, after at least two answers
WEAKEST = 5
ENOUGH_ANSWERS = 1  # below it, a topic is unknown rather than weak


def survey(
    store: ProgressStore,
    areas: Sequence[Area],
    today: date,
    askable: Container[str] | None = None,
    tally: Tally = Tally(),  # noqa: B008 - it is frozen
) -> Overview:
    """Everything about a person's practice up to `today`.

    `askable` are the ids of entries that can still be asked, where that is known: others are history, and never due.
    `tally` compares what is behind them with all that there is.
    """
    answers, memories, beliefs = store.answers(), store.memories(), store.abilities()
    waiting = [memory for memory in memories.values() if askable is None or memory.entry in askable]
    days = sorted({answered.day for answered in answers})
    streak, longest = streaks(days, today)
    seconds: defaultdict[date, float] = defaultdict(float)
    for answered in answers:
        seconds[answered.day] += answered.seconds
    return Overview(
        today=today,
        answers=len(answers),
        entries_seen=len(memories),
        entries_known=sum(_is_well_known(memory, today) for memory in memories.values()),
        streak=streak,
        longest_streak=longest,
        due=sum(memory.due <= today for memory in waiting),
        next_due=min((memory.due for memory in waiting), default=None),
        daily=_daily(answers, today),
        forecast=_forecast(waiting, today),
        seconds_today=seconds[today],
        seconds_week=sum(spent for day, spent in seconds.items() if today - timedelta(days=7) < day <= today),
        seconds=sum(seconds.values()),
        overall=_standing(OVERALL, Text(en="", zh=""), answers, beliefs),
        areas=tuple(_area(area, answers, beliefs) for area in areas),
        weakest=_weakest(areas, answers, beliefs),
        kinds=_kinds(answers, beliefs),
        tally=tally,
    )


def streaks(days: Sequence[date], today: date) -> tuple[int, int]:
    """Days in a row up to today (or yesterday: today is not over), and the most there ever were; `days` are sorted."""
    if not days:
        return 0, 0
    runs = [1]
    for before, after in pairwise(days):
        if after - before == timedelta(days=1):
            runs[-1] += 1
        else:
            runs.append(1)
    return (runs[-1] if days[-1] >= today - timedelta(days=1) else 0), max(runs)


def _is_well_known(memory: Memory, today: date) -> bool:
    return memory.answers > 1 and memory.due > today and recall(memory, today) >= WELL_KNOWN_FROM


def _daily(answers: Iterable[Answered], today: date) -> tuple[int, ...]:
    """Answers a day, over whole weeks that end today."""
    counts = Counter(answered.day for answered in answers)
    return tuple(counts[today - timedelta(days=back)] for back in reversed(range(7 * WEEKS)))


def _forecast(memories: Iterable[Memory], today: date) -> tuple[int, ...]:
    """How many entries fall due today (with all that is late) and on each day after it."""
    counts = Counter(max(0, (memory.due - today).days) for memory in memories)
    return tuple(counts[ahead] for ahead in range(FORECAST_DAYS))


def _standing(topic: str, title: Text, answers: Iterable[Answered], beliefs: Mapping[str, Ability]) -> Standing:
    own = [answered for answered in answers if topic in {OVERALL, answered.topic}]
    level, spread = ability.on_scale(*ability.belief(beliefs, topic))
    return _made(topic, title, level, spread, own)


def _made(name: str, title: Text, level: float, spread: float, own: Sequence[Answered]) -> Standing:
    return Standing(
        id=name,
        title=title,
        level=level,
        spread=spread,
        answers=len(own),
        share=sum(answered.score for answered in own) / len(own) if own else 0.0,
        seconds=sum(answered.seconds for answered in own),
    )


def _area(area: Area, answers: Iterable[Answered], beliefs: Mapping[str, Ability]) -> Standing:
    """An area stands where its topics do on the average; what they share is uncertain once, not once each."""
    topics = [topic.id for topic in area.topics]
    own = [answered for answered in answers if answered.topic in topics]
    shared = beliefs.get(OVERALL, ability.SHARED_PRIOR)
    parts = [beliefs.get(topic, ability.TOPIC_PRIOR) for topic in topics]
    mean = shared.mean + sum(part.mean for part in parts) / len(parts)
    variance = shared.variance + sum(part.variance for part in parts) / len(parts) ** 2
    return _made(area.id, area.title, *ability.on_scale(mean, variance), own)


def _weakest(
    areas: Sequence[Area], answers: Sequence[Answered], beliefs: Mapping[str, Ability]
) -> tuple[Standing, ...]:
    """Topics below the person's own ability, the farthest first, among those that were asked about often enough."""
    usual, _ = ability.on_scale(*ability.belief(beliefs, OVERALL))
    standings = [_standing(topic.id, topic.title, answers, beliefs) for area in areas for topic in area.topics]
    known = [standing for standing in standings if standing.answers >= ENOUGH_ANSWERS and standing.level < usual]
    return tuple(sorted(known, key=lambda standing: (standing.level, standing.id))[:WEAKEST])


def _kinds(answers: Sequence[Answered], beliefs: Mapping[str, Ability]) -> Mapping[str, Standing]:
    """Share and time by kind; the level is that of all."""
    level, spread = ability.on_scale(*ability.belief(beliefs, OVERALL))
    kinds = sorted({answered.kind for answered in answers})
    empty = Text(en="", zh="")
    return {
        kind: _made(kind, empty, level, spread, [answered for answered in answers if answered.kind == kind])
        for kind in kinds
    }
