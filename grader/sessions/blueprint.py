"""Blueprints: what a role's interview usually covers, as YAML; several come with the package.

Beside a `title` and an `about` in both languages, `minutes` and a `level`, a blueprint has `weights` (of areas or
topics: 1 where nothing is said, 0 leaves it out), `topics` that should come up, and `levels`: for each, how many
coding exercises and how many questions of other kinds to aim at. `blueprints/llm-engineer.yaml` is one.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from grader.content import fields
from grader.content.complaints import validate
from grader.content.suggestion import did_you_mean
from grader.content.syllabus import Syllabus, Topic
from grader.content.yaml_source import read_document
from grader.errors import ContentError, UsageError
from grader.model.entry import Kind, Level
from grader.model.syllabus import WEIGHTS
from grader.model.text import Text
from grader.sessions.topics import find_topics

SHIPPED = Path(__file__).parent / "blueprints"
NEAR = 0.6  # likeness from which one name may have been meant for another
_COMMON_WORDS = frozenset({"engineer", "senior", "junior", "staff", "lead", ""})
Count = Annotated[int, Field(ge=0, le=20)]
MEAN_WEIGHT = (WEIGHTS[0] + WEIGHTS[-1]) / 2


class LevelFields(fields.Strict):
    """What an interview at one level has: coding exercises, and how many questions of other kinds to aim at."""

    coding: Count = 1
    kinds: dict[Kind, Count] = Field(default_factory=dict)
    minutes: Annotated[int, Field(ge=5, le=480)] | None = None


class Blueprint(fields.Strict):
    """One role's interview."""

    schema_: fields.Schema
    title: fields.TextFields
    about: fields.TextFields
    minutes: Annotated[int, Field(ge=5, le=480)] = 60
    level: fields.Level = "mid"
    weights: dict[str, Annotated[float, Field(ge=0, le=10)]] = Field(default_factory=dict)
    topics: list[str] = Field(default_factory=list)
    levels: dict[Level, LevelFields] = Field(default_factory=dict)


def read_blueprint(path: Path) -> Blueprint:
    """Read one blueprint; raises ContentError."""
    return validate(read_document(path), Blueprint)


def shipped() -> list[str]:
    """Names of the roles that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def find_blueprint(name: str) -> Blueprint:
    """The blueprint of a role (by name or title), or in a file. Raises UnknownRole, and ContentError for the file."""
    if name.endswith((".yaml", ".yml")):
        return read_blueprint(Path(name))
    wanted = _plain(name)
    for known, titles in _names().items():
        if wanted == known or wanted in titles:
            return read_blueprint(SHIPPED / f"{known}.yaml")
    raise UnknownRole(name, near_roles(name))


class UnknownRole(UsageError):
    """A role of which there is no blueprint; `near` are those that may have been meant, the likeliest first."""

    def __init__(self, name: str, near: Sequence[str]) -> None:
        self.name, self.near = name, tuple(near)
        question = did_you_mean(self.near) if near else Text(en="", zh="")
        known = shipped()
        super().__init__(
            f"--role: there is no role {name!r}; {question.en + ' ' if near else ''}"
            f"the roles are {', '.join(known)}; for another, name a blueprint file of your own",
            f"--role：没有岗位 {name!r}；{question.zh if near else ''}"
            f"现有岗位：{'、'.join(known)}；其他岗位请指定自己的蓝图文件",
        )


def near_roles(name: str) -> list[str]:
    """Shipped roles that a name may mean, the likeliest first: by spelling, or by a word in common."""
    wanted, words = _plain(name), set(_plain(name).split("-")) - _COMMON_WORDS
    likeness = {
        known: max(
            max(difflib.SequenceMatcher(None, wanted, one).ratio() for one in (known, *titles)),
            NEAR if words & set(known.split("-")) else 0.0,
        )
        for known, titles in _names().items()
    }
    return sorted((known for known, share in likeness.items() if share >= NEAR), key=lambda known: -likeness[known])


def _names() -> dict[str, tuple[str, str]]:
    """Each shipped role, and its titles as `_plain` writes them."""
    blueprints = {known: read_blueprint(SHIPPED / f"{known}.yaml") for known in shipped()}
    return {known: (_plain(one.title.en), _plain(one.title.zh)) for known, one in blueprints.items()}


def _plain(name: str) -> str:
    """A name in lower case with single hyphens."""
    return "-".join(name.strip().casefold().replace("_", " ").replace("-", " ").split())


def topic_weights(blueprint: Blueprint, syllabus: Syllabus, path: str) -> dict[str, float]:
    """What each topic is worth to a role: what the blueprint says of it, times how often it is asked at all.

    What a blueprint says of a topic counts more than of its area; where it says nothing, that is 1. Below 1 a topic is
    not the role's, and how often it is asked takes none across that line.
    """
    role = _said(blueprint, syllabus, path)
    return {topic.id: _worth(role.get(topic.id, 1.0), topic) for topic in syllabus.topics.values()}


def asked(topic: Topic) -> float:
    """How often a topic is asked, as a factor from 2/3 to 4/3."""
    return (topic.weight + MEAN_WEIGHT) / (2 * MEAN_WEIGHT)


def _worth(weight: float, topic: Topic) -> float:
    return max(1.0, weight * asked(topic)) if weight >= 1 else weight * min(1.0, asked(topic))


def _said(blueprint: Blueprint, syllabus: Syllabus, path: str) -> dict[str, float]:
    """The blueprint's own weights, by topic."""
    weights: dict[str, float] = {}
    for name, weight in sorted(blueprint.weights.items(), key=lambda pair: "." in pair[0]):
        try:
            topics = find_topics(name, syllabus)
        except UsageError as error:
            raise ContentError(Path(path), f"weights.{name}", str(error), "correct the name") from error
        weights |= dict.fromkeys(topics, weight)
    return weights
