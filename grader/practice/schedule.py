"""When an entry comes back: FSRS on days.

A day of practice counts as one moment, noon UTC. A person who answers late on Monday and early on Wednesday has
then waited two days, whatever the hours say, and replaying the history on another machine gives the same dates. There
are no learning steps within a day: what was wrong today comes back tomorrow.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING

from grader.model.progress import Answered, Memory, Rating, Result

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

RETENTION = 0.9  # how likely an entry should still be known when it comes back
FARTHEST_DAYS = 365
QUICK, LATE = 0.4, 1.5  # shares of the entry's minutes
MANY_TRIES = 3
GUESSABLE = 0.1


def rate(result: Result, *, hints: int, tries: int, seconds: float, minutes: float, chance: float) -> Rating:
    """The rating that an outcome earns; `seconds` are held against the entry's `minutes`.

    What a guess gets right with a fair `chance` is never easy: a lucky guess is quick.
    """
    if result is Result.WRONG:
        return Rating.AGAIN
    pace = seconds / (60 * minutes)
    if result is Result.PARTIAL or hints or tries >= MANY_TRIES or pace > LATE:
        return Rating.HARD
    return Rating.EASY if pace <= QUICK and tries == 1 and chance < GUESSABLE else Rating.GOOD


def remember(memory: Memory | None, answered: Answered) -> Memory:
    """What is remembered of an entry after one more answer."""
    from fsrs import Rating as FsrsRating

    card, _ = _scheduler().review_card(_card(memory), FsrsRating(answered.rating.value), _noon(answered.day))
    if card.stability is None or card.difficulty is None:  # never after a review; it narrows the type
        raise AssertionError("FSRS left a card without stability")
    lapsed = answered.rating is Rating.AGAIN and memory is not None
    return Memory(
        entry=answered.entry,
        stability=card.stability,
        difficulty=card.difficulty,
        last=answered.day,
        due=card.due.date(),
        answers=1 + (memory.answers if memory else 0),
        lapses=int(lapsed) + (memory.lapses if memory else 0),
    )


def recall(memory: Memory, today: date) -> float:
    """The probability that an entry is still known today."""
    return _scheduler().get_card_retrievability(_card(memory), _noon(today))


@cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(
        desired_retention=RETENTION,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=FARTHEST_DAYS,
        enable_fuzzing=False,  # the same answers give the same dates
    )


def _card(memory: Memory | None) -> Card:
    from fsrs import Card, State

    if memory is None:
        return Card(card_id=0)
    return Card(
        card_id=0,
        state=State.Review,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=_noon(memory.due),
        last_review=_noon(memory.last),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
