"""Two weeks of practice, played through: due counts and difficulty behave, for a beginner and for an expert."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean

import pytest

from grader.practice.ability import belief, on_scale
from grader.practice.course import Wish
from grader.practice.sitting import Sitting
from tests.fakes.practice import MONDAY, FakeClock, MemoryProgress, Person, wide_bank

DAYS, DAILY = 14, 12


@dataclass(frozen=True)
class Day:
    """One day: how many were due in the morning, what was asked, and how it went."""

    due: int
    asked: int
    new_difficulties: tuple[int, ...]
    share: float


@functools.cache
def two_weeks(ability: float, seed: int, daily: int = DAILY) -> tuple[list[Day], MemoryProgress]:
    """Twelve questions every evening."""
    bank, clock, store, person = wide_bank(), FakeClock(), MemoryProgress(), Person(ability, seed)
    days = []
    for number in range(DAYS):
        clock.at = MONDAY + timedelta(days=number)
        due = sum(memory.due <= clock.at.date() for memory in store.memories().values())
        sitting = Sitting(bank, store, clock, Wish(seed=100 * seed + number, count=daily))
        asked = []
        while (question := sitting.next()) is not None:
            person.answer(sitting, question, clock)
            asked.append(question)
        new = tuple(question.entry.difficulty for question in asked if not question.due)
        share = mean(told.judged.score for told in sitting.told)
        days.append(Day(due=due, asked=len(asked), new_difficulties=new, share=share))
    return days, store


@pytest.mark.parametrize(("ability", "seed"), [(2.0, 1), (5.0, 1), (8.5, 1)])
def test_new_questions_get_as_hard_as_suits(ability: float, seed: int) -> None:
    """In the second week new questions are a little easier than the person is able: two or so steps."""
    days, _ = two_weeks(ability, seed)
    late = mean(difficulty for day in days[7:] for difficulty in day.new_difficulties)
    assert ability - 3 < late < ability + 2


def test_an_expert_is_asked_harder_questions_than_a_beginner() -> None:
    """Already on the second day, and much harder in the second week."""
    beginner, expert = two_weeks(2.0, 1)[0], two_weeks(8.5, 1)[0]
    assert mean(expert[1].new_difficulties) > mean(beginner[1].new_difficulties) + 1
    second_week = [mean(d for day in days[7:] for d in day.new_difficulties) for days in (beginner, expert)]
    assert second_week[1] - second_week[0] > 3


@pytest.mark.parametrize("ability", [2.0, 5.0, 8.5])
def test_nobody_is_buried(ability: float) -> None:
    """What is due stays within what two evenings can take, and every evening has something new too."""
    days, _ = two_weeks(ability, seed=1)
    assert days[0].due == 0
    assert max(day.due for day in days) <= 2 * DAILY
    assert all(day.asked == DAILY and day.new_difficulties for day in days)


@pytest.mark.parametrize("ability", [2.0, 5.0, 8.5])
def test_practice_goes_well_but_not_too_well(ability: float) -> None:
    """Over two weeks two thirds or more go right, and not everything."""
    days, _ = two_weeks(ability, seed=1)
    assert 0.65 < mean(day.share for day in days) < 0.98


@pytest.mark.parametrize(("ability", "seed"), [(2.0, 1), (5.0, 1), (8.5, 1)])
def test_the_ability_is_found(ability: float, seed: int) -> None:
    """After two weeks the estimate is within three of its standard deviations and surer than at first."""
    _, store = two_weeks(ability, seed)
    level, spread = on_scale(*belief(store.abilities(), ""))
    assert abs(level - ability) < 3 * spread
    assert spread < 1


def test_who_stops_for_a_week_finds_a_bounded_pile() -> None:
    """A week without practice adds no more than what was ever answered, and it is worked off by reviews."""
    days, store = two_weeks.__wrapped__(5.0, 9)  # a store of its own: it goes on being used
    assert len(days) == DAYS
    clock, bank, person = FakeClock(MONDAY + timedelta(days=DAYS + 7)), wide_bank(), Person(5.0, 9)
    piles = []
    for _ in range(6):
        piles.append(sum(memory.due <= clock.at.date() for memory in store.memories().values()))
        sitting = Sitting(bank, store, clock, Wish(seed=1, mode="review", count=20))
        while (question := sitting.next()) is not None:
            person.answer(sitting, question, clock)
        clock.at += timedelta(days=1)
    assert piles[0] <= len(store.memories())
    assert piles[-1] < piles[0] / 2
