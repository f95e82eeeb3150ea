"""How able a person is in a topic, learnt from every answer.

The model is Rasch's: a person of ability a answers a question of difficulty b well with probability 1/(1+exp(b-a));
where guessing is possible, with c + (1-c) times that. The ability in a topic is the sum of what the person brings to
all topics and the topic's own deviation. Both parts are normal beliefs, updated after each answer by one step of the
extended Kalman filter (Glickman's and Elo's updates are special cases of it), which shares the surprise between them
by their variances. So ten answers in one topic already say something about a topic that was never asked about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from grader.model.progress import OVERALL, Ability, Answered

LOGITS_PER_STEP = 0.6  # one step on the bank's scale of difficulty, 1 to 10
MIDDLE = 5.5  # the difficulty that is 0 logits
SHARED_PRIOR = Ability(mean=-0.3, variance=3.0, answers=0)
TOPIC_PRIOR = Ability(mean=0.0, variance=0.6, answers=0)
DRIFT_PER_DAY = 0.004  # people learn and forget: a belief that is not renewed gets wider, up to its prior
REPEAT_NOISE = 8.0  # an entry answered before tests the memory of it more than the ability
Beliefs = Mapping[str, Ability]


def logits(difficulty: float) -> float:
    """A difficulty of the bank in logits."""
    return (difficulty - MIDDLE) * LOGITS_PER_STEP


def on_scale(mean: float, variance: float) -> tuple[float, float]:
    """A belief in logits as (level, standard deviation) on the bank's scale; the level may leave 1 to 10."""
    return MIDDLE + mean / LOGITS_PER_STEP, math.sqrt(variance) / LOGITS_PER_STEP


def belief(beliefs: Beliefs, topic: str) -> tuple[float, float]:
    """Mean and variance of the ability in `topic`, in logits; of ability as a whole for `OVERALL`."""
    shared = beliefs.get(OVERALL, SHARED_PRIOR)
    if topic == OVERALL:
        return shared.mean, shared.variance
    own = beliefs.get(topic, TOPIC_PRIOR)
    return shared.mean + own.mean, shared.variance + own.variance


def expected_success(mean: float, variance: float, difficulty: float) -> float:
    """The probability of a right answer without guessing, averaged over the belief (MacKay's approximation)."""
    return _logistic((mean - logits(difficulty)) / math.sqrt(1 + math.pi * variance / 8))


def information(mean: float, variance: float, difficulty: float, chance: float = 0.0) -> float:
    """By how much one answer is expected to narrow the belief: the variance that it takes away."""
    slope, noise = _observation(mean - logits(difficulty), chance)
    return (variance * slope) ** 2 / (variance * slope**2 + noise)


def learn(beliefs: Beliefs, answered: Answered, *, repeat: bool) -> dict[str, Ability]:
    """The beliefs that an answer changes: the shared one and that of its topic."""
    shared = _aged(beliefs.get(OVERALL), SHARED_PRIOR, answered.day)
    own = _aged(beliefs.get(answered.topic), TOPIC_PRIOR, answered.day)
    ahead = shared.mean + own.mean - logits(answered.difficulty)
    slope, noise = _observation(ahead, answered.chance)
    noise *= REPEAT_NOISE if repeat else 1.0
    surprise = answered.score - (answered.chance + (1 - answered.chance) * _logistic(ahead))
    total = (shared.variance + own.variance) * slope**2 + noise

    def updated(part: Ability) -> Ability:
        gain = part.variance * slope / total
        mean, variance = part.mean + gain * surprise, part.variance * (1 - gain * slope)
        return replace(part, mean=mean, variance=variance, answers=part.answers + 1, day=answered.day)

    return {OVERALL: updated(shared), answered.topic: updated(own)}


def _observation(ahead: float, chance: float) -> tuple[float, float]:
    """How steeply success rises with ability at `ahead` logits above the difficulty, and the noise of one answer."""
    p = _logistic(ahead)
    success = chance + (1 - chance) * p
    return (1 - chance) * p * (1 - p), max(success * (1 - success), 0.01)


def _aged(part: Ability | None, prior: Ability, day: date) -> Ability:
    if part is None or part.day is None:
        return part or prior
    days = max(0, (day - part.day).days)
    return replace(part, variance=min(prior.variance, part.variance + DRIFT_PER_DAY * days))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
