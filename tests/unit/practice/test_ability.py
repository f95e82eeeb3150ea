"""What answers say about ability."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from grader.model.progress import OVERALL, Ability, Rating
from grader.practice.ability import TOPIC_PRIOR, belief, expected_success, information, learn, on_scale
from tests.unit.practice.test_schedule import DAY, answered

HERE = replace(answered(Rating.GOOD), chance=0.0)


def after(*scores: float, difficulty: int = 5) -> dict[str, Ability]:
    """Beliefs after answers to different entries of one topic."""
    beliefs: dict[str, Ability] = {}
    for score in scores:
        beliefs.update(learn(beliefs, replace(HERE, score=score, difficulty=difficulty), repeat=False))
    return beliefs


def test_success_raises_and_failure_lowers() -> None:
    """The mean moves with the outcome, in the topic and in what all topics share."""
    start = belief({}, HERE.topic)[0]
    assert belief(after(1), HERE.topic)[0] > start > belief(after(0), HERE.topic)[0]
    assert belief(after(1), OVERALL)[0] > belief({}, OVERALL)[0]


def test_another_topic_follows_a_little() -> None:
    """Ten right answers in one topic raise the belief about one that was never asked, but less."""
    beliefs = after(*[1] * 10)
    assert belief({}, "new")[0] < belief(beliefs, "new")[0] < belief(beliefs, HERE.topic)[0]


def test_every_answer_narrows_the_belief() -> None:
    """The variance falls with each answer, less for one that was answered before."""
    once, twice = after(1), after(1, 1)
    assert belief(twice, HERE.topic)[1] < belief(once, HERE.topic)[1] < belief({}, HERE.topic)[1]
    repeated = {**once, **learn(once, HERE, repeat=True)}
    assert belief(twice, HERE.topic)[1] < belief(repeated, HERE.topic)[1] < belief(once, HERE.topic)[1]


def test_a_likely_guess_says_less() -> None:
    """A right answer that may be luck raises the belief less than one that cannot be."""
    luck = learn({}, replace(HERE, score=1, chance=0.5), repeat=False)
    assert belief({}, HERE.topic)[0] < belief(luck, HERE.topic)[0] < belief(after(1), HERE.topic)[0]


def test_an_idle_month_widens_the_belief_up_to_the_prior() -> None:
    """Time makes unsure, but not more than nothing at all does."""
    beliefs = after(*[1] * 20)
    soon = learn(beliefs, HERE, repeat=False)
    late = learn(beliefs, replace(HERE, day=DAY + timedelta(days=60)), repeat=False)
    assert soon[HERE.topic].variance < late[HERE.topic].variance < TOPIC_PRIOR.variance


@pytest.mark.parametrize("truth", [2.0, 5.0, 8.5])
def test_the_true_ability_is_found(truth: float) -> None:
    """After 200 answers around it, the estimate is within three of its own standard deviations."""
    draw = random.Random(4)
    beliefs: dict[str, Ability] = {}
    for _ in range(200):
        difficulty = min(10, max(1, round(truth + draw.uniform(-3, 2))))
        right = draw.random() < expected_success((truth - 5.5) * 0.6, 0.0, difficulty)
        beliefs.update(learn(beliefs, replace(HERE, score=float(right), difficulty=difficulty), repeat=False))
    level, spread = on_scale(*belief(beliefs, HERE.topic))
    assert abs(level - truth) < 3 * spread
    assert spread < 0.6


def test_most_is_told_by_a_question_as_hard_as_the_person_is_able() -> None:
    """Information peaks where success is even, and guessing lowers it."""
    told = [information(0.0, 1.0, difficulty) for difficulty in (1, 3, 5.5, 8, 10)]
    assert max(told) == told[2]
    assert information(0.0, 1.0, 5, chance=0.5) < information(0.0, 1.0, 5)


def test_extremes_stay_finite() -> None:
    """A thousand surprises in a row leave a usable belief."""
    mean, variance = belief(after(*[0] * 1000, difficulty=1), HERE.topic)
    assert -20 < mean < 0
    assert 0 < variance < 1
