"""When entries come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from grader.model.progress import Answered, Memory, Rating, Result
from grader.practice.clock import day_of
from grader.practice.schedule import rate, recall, remember
from tests.fakes.practice import HOME

DAY = date(2026, 11, 23)


def answered(rating: Rating, day: date = DAY) -> Answered:
    """One answer."""
    return Answered(
        uid="u",
        sitting="s",
        entry="e",
        revision=1,
        kind="choice",
        topic="arch.attention",
        level="mid",
        difficulty=5,
        at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        day=day,
        mode="learn",
        seed=1,
        seconds=60,
        score=1,
        result=Result.RIGHT,
        rating=rating,
        self_assessed=False,
        hints=0,
        tries=1,
        chance=0.25,
        given="a",
    )


def rating(**changes: float | Result) -> Rating:
    """The rating of a right answer in the planned time, but for `changes`."""
    plain = {"result": Result.RIGHT, "hints": 0, "tries": 1, "seconds": 120, "minutes": 2, "chance": 0.0}
    return rate(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Rating.GOOD),
        ({"seconds": 40}, Rating.EASY),
        ({"seconds": 40, "chance": 0.25}, Rating.GOOD),
        ({"seconds": 40, "tries": 2}, Rating.GOOD),
        ({"seconds": 200}, Rating.HARD),
        ({"hints": 1, "seconds": 40}, Rating.HARD),
        ({"tries": 3}, Rating.HARD),
        ({"result": Result.PARTIAL, "seconds": 40}, Rating.HARD),
        ({"result": Result.WRONG, "seconds": 40}, Rating.AGAIN),
    ],
)
def test_the_rating_follows_the_outcome(changes: dict[str, float | Result], expected: Rating) -> None:
    """Wrong is again; hints, tries, time and halves are hard; quick is easy unless it may be luck."""
    assert rating(**changes) is expected


def test_better_answers_stay_away_longer() -> None:
    """After the first answer the wait grows with the rating; what was wrong comes back tomorrow."""
    waits = [(remember(None, answered(one)).due - DAY).days for one in Rating]
    assert waits == sorted(waits)
    assert waits[0] == 1
    assert waits[-1] > 3


def test_waits_grow_with_success_and_shrink_with_failure() -> None:
    """Answered well when due, an entry waits longer each time; a lapse is counted and brings it back soon."""
    memory, waits = None, []
    day = DAY
    for _ in range(4):
        memory = remember(memory, answered(Rating.GOOD, day))
        waits.append((memory.due - day).days)
        day = memory.due
    assert waits == sorted(set(waits))
    lapsed = remember(memory, answered(Rating.AGAIN, day))
    assert (lapsed.due - day).days < waits[-1] / 2
    assert (lapsed.lapses, lapsed.answers) == (1, 5)


def test_recall_falls_to_nine_in_ten_when_an_entry_is_due() -> None:
    """The interval is where FSRS expects the wanted retention."""
    memory = remember(None, answered(Rating.EASY))
    assert recall(memory, DAY) == 1
    assert recall(memory, memory.due) == pytest.approx(0.9, abs=0.03)
    assert recall(memory, DAY + timedelta(days=300)) < 0.7


def test_nothing_waits_longer_than_a_year() -> None:
    """The interval is capped."""
    memory = Memory(entry="e", stability=30_000, difficulty=1, last=DAY, due=DAY, answers=9, lapses=0)
    assert (remember(memory, answered(Rating.EASY)).due - DAY).days <= 365


def test_the_day_begins_at_four() -> None:
    """After midnight it is still the day before, where the person is."""
    late = datetime(2026, 11, 24, 3, 59, tzinfo=HOME)
    assert day_of(late) == DAY
    assert day_of(late + timedelta(minutes=1)) == DAY + timedelta(days=1)


def test_the_hour_does_not_matter() -> None:
    """Late on one day and early on the next is one day."""
    memory = remember(None, answered(Rating.GOOD))
    again = replace(answered(Rating.GOOD, memory.due), at=datetime(2026, 11, 25, 1, tzinfo=UTC))
    later = replace(again, at=datetime(2026, 11, 25, 23, tzinfo=UTC))
    assert remember(memory, again) == remember(memory, later)
