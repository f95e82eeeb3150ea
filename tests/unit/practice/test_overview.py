"""The history at a glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from grader.content.syllabus import Area, Topic
from grader.model.progress import Rating
from grader.practice.history import take_in
from grader.practice.overview import streaks, survey
from tests.fakes.practice import MemoryProgress, text
from tests.unit.practice.test_schedule import DAY, answered

AREAS = tuple(
    Area(
        id=area,
        title=text(area),
        topics=tuple(Topic(id=t, title=text(t), weight=3, about=text(t), exercises=()) for t in topics),
    )
    for area, topics in {"architecture": ("arch.attention", "arch.rnn"), "data": ("data.pipeline",)}.items()
)


def store_of(*given: tuple[str, str, int, float]) -> MemoryProgress:
    """A store with answers: (entry, topic, days ago, score)."""
    store = MemoryProgress()
    for number, (entry, topic, ago, score) in enumerate(given):
        rating = Rating.GOOD if score else Rating.AGAIN
        one = replace(
            answered(rating, DAY - timedelta(days=ago)), uid=str(number), entry=entry, topic=topic, score=score
        )
        store.record(one, take_in)
    return store


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ([], (0, 0)),
        ([0], (1, 1)),
        ([1], (1, 1)),
        ([2], (0, 1)),
        ([3, 2, 1, 0], (4, 4)),
        ([9, 8, 7, 6, 1, 0], (2, 4)),
        ([9, 8, 3], (0, 2)),
    ],
)
def test_streaks(ago: list[int], expected: tuple[int, int]) -> None:
    """Days in a row up to today or yesterday, and the longest ever."""
    assert streaks([DAY - timedelta(days=back) for back in ago], DAY) == expected


def test_nothing_yet() -> None:
    """A person who never answered has an overview too."""
    overview = survey(MemoryProgress(), AREAS, DAY)
    assert (overview.answers, overview.streak, overview.due, overview.next_due) == (0, 0, 0, None)
    assert {area.answers for area in overview.areas} == {0}


def test_what_is_counted() -> None:
    """Answers, entries, days, time and what is due."""
    overview = survey(
        store_of(("a", "arch.rnn", 3, 0), ("a", "arch.rnn", 2, 1), ("b", "data.pipeline", 0, 0)), AREAS, DAY
    )
    assert (overview.answers, overview.entries_seen, overview.streak, overview.longest_streak) == (3, 2, 1, 2)
    assert (overview.seconds_today, overview.seconds_week, overview.seconds) == (60, 180, 180)
    assert overview.daily[-4:] == (1, 1, 0, 1)
    assert sum(overview.forecast) == 2
    assert overview.forecast[0] == overview.due


def test_areas_and_weakest_topics() -> None:
    """A topic below the person's own ability is weak, from the first answer on; one above it is not."""
    rows = [("a", "arch.rnn", 1, 0.0), ("b", "arch.rnn", 1, 0.0), ("c", "arch.attention", 1, 1.0)]
    rows += [("d", "arch.attention", 1, 1.0), ("e", "data.pipeline", 1, 0.0)]
    overview = survey(store_of(*rows), AREAS, DAY)
    assert [topic.id for topic in overview.weakest] == ["arch.rnn", "data.pipeline"]
    assert overview.weakest[0].level < overview.overall.level
    architecture, data = overview.areas
    assert (architecture.answers, architecture.share, data.answers) == (4, 0.5, 1)
    assert architecture.spread < overview.weakest[0].spread


def test_late_entries_are_due_today() -> None:
    """The forecast's first figure has everything that is late."""
    overview = survey(store_of(("a", "arch.rnn", 40, 0), ("b", "arch.rnn", 30, 0)), AREAS, DAY)
    assert (overview.due, overview.forecast[0]) == (2, 2)
    assert overview.next_due is not None
    assert overview.next_due < DAY


def test_an_entry_that_the_bank_no_longer_has_is_never_due() -> None:
    """Nobody is told that something is due which cannot be asked; it stays in the history."""
    store = store_of(("a", "arch.rnn", 40, 0), ("gone", "arch.rnn", 40, 0))
    overview = survey(store, AREAS, DAY, {"a"})
    assert (overview.due, overview.forecast[0], overview.entries_seen, overview.answers) == (1, 1, 2, 2)
    assert survey(store, AREAS, DAY, set()).next_due is None


def test_a_topic_that_the_bank_no_longer_has() -> None:
    """Its answers count in all, and in no area."""
    overview = survey(store_of(("a", "gone.topic", 0, 1)), AREAS, date(2026, 11, 23))
    assert overview.answers == overview.overall.answers == 1
    assert sum(area.answers for area in overview.areas) == 0
