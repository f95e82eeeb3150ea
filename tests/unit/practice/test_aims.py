"""What a newcomer says decides the first questions, and is soon outweighed by answers."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from grader.model.entry import Level
from grader.model.progress import OVERALL, Ability, Aim
from grader.practice.ability import LOGITS_PER_STEP
from grader.practice.aims import GOALS, informed, worth
from grader.practice.bank import PackBank
from grader.practice.course import Wish
from grader.practice.sitting import Sitting
from grader.wiring import open_packs
from tests.fakes.practice import FakeBank, FakeClock, MemoryProgress, entry, wide_bank

LEVELS: tuple[Level, ...] = get_args(Level)


def first_ten(bank: FakeBank, aim: Aim | None) -> list[int]:
    """Difficulties of what a newcomer is asked who answers nothing."""
    sitting = Sitting(bank, MemoryProgress(), FakeClock(), Wish(seed=1, aim=aim))
    asked = []
    while len(asked) < 10 and (question := sitting.next()) is not None:
        asked.append(question.entry.difficulty)
        sitting.skip()
    return asked


def test_a_higher_level_is_asked_harder_questions() -> None:
    """The mean difficulty rises from level to level."""
    means = [sum(first_ten(wide_bank(), Aim(goal="everything", level=level))) / 10 for level in LEVELS]
    assert means == sorted(means)
    assert means[-1] - means[0] > 1


def test_who_does_not_know_is_asked_as_before() -> None:
    """Without a level the answers alone decide."""
    assert first_ten(wide_bank(), Aim(goal="everything", level=None)) == first_ten(wide_bank(), None)


def test_answers_outweigh_what_was_said() -> None:
    """After many answers the level moves the belief by less than a third of a step of difficulty."""
    known = {OVERALL: Ability(mean=-1.0, variance=0.05, answers=60)}
    moved = informed(known, Aim(goal="everything", level="staff"))[OVERALL].mean - known[OVERALL].mean
    assert 0 < moved < LOGITS_PER_STEP / 3


def test_a_goal_is_asked_about_more_often() -> None:
    """Most of the first ten are about it, and not all."""
    topics = ("llm.serving", "data.pipeline", "dist.federated", "trust.privacy")
    bank = FakeBank(entry(id=f"{topic}-{n}", topics=(topic,), minutes=3) for topic in topics for n in range(10))
    sitting = Sitting(bank, MemoryProgress(), FakeClock(), Wish(seed=1, aim=Aim(goal="language_models", level=None)))
    asked: Counter[str] = Counter()
    while sum(asked.values()) < 10 and (question := sitting.next()) is not None:
        asked[question.entry.topics[0]] += 1
        sitting.skip()
    assert asked.most_common(1)[0][0] == "llm.serving"
    assert len(asked) > 1


@pytest.mark.parametrize("goal", GOALS)
def test_goals_name_topics_that_there_are(goal: str) -> None:
    """Every topic of a goal is one of the syllabus, or the beginning of some."""
    topics = PackBank(open_packs(())).topics
    known = {*topics, *(topic.partition(".")[0] for topic in topics)}
    assert GOALS[goal] <= known  # type: ignore[index]
    assert worth(Aim(goal=goal, level=None), "nobody.knows") == 1  # type: ignore[arg-type]
