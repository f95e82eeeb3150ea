"""What a person practises for, which a newcomer says once: it weighs topics, and tells where to begin.

A level is taken as one more observation of the ability that all topics share: it decides the first questions, and
answers soon outweigh it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grader.model.entry import Level
from grader.model.progress import OVERALL, Ability, Aim, Goal
from grader.practice.ability import SHARED_PRIOR, logits

# Topics, or the words before their dots.
GOALS: Final[Mapping[Goal, frozenset[str]]] = {
    "language_models": frozenset(
        {
            "llm",
            "arch.attention",
            "arch.transformer",
            "comp",
            "gen",
            "app.llm_trends",
            "app.nlp",
            "dist.model_parallel",
        }
    ),
    "data_science": frozenset({"data", "eval", "classic", "trust", "biz", "app.finance", "app.recommendation"}),
    "systems": frozenset({"dist", "deploy", "train", "comp", "llm.serving", "llm.kernels", "biz.cost"}),
    "everything": frozenset(),
}
_WORTH = 3.0  # of a question that serves the goal, to one that does not
# On the bank's scale of difficulty: who is as able as this answers three of four questions of the level.
_ABILITY: Final[Mapping[Level, float]] = {"junior": 4.5, "mid": 6.5, "senior": 8.0, "staff": 9.5}
_SAID_VARIANCE = 1.0  # in logits: people misjudge themselves by about a level


def worth(aim: Aim | None, topic: str) -> float:
    """How much more a question about `topic` is worth for this aim."""
    wanted = GOALS[aim.goal] if aim else frozenset()
    return _WORTH if wanted & {topic, topic.partition(".")[0]} else 1.0


def informed(beliefs: Mapping[str, Ability], aim: Aim | None) -> Mapping[str, Ability]:
    """`beliefs`, and what the person says of their level."""
    if aim is None or aim.level is None:
        return beliefs
    known = beliefs.get(OVERALL, SHARED_PRIOR)
    weight = known.variance / (known.variance + _SAID_VARIANCE)
    mean = known.mean + weight * (logits(_ABILITY[aim.level]) - known.mean)
    return {**beliefs, OVERALL: Ability(mean=mean, variance=(1 - weight) * known.variance, answers=known.answers)}
