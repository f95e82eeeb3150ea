"""Blueprints: what a role's interview usually covers, as YAML; several come with the package.

Beside a `title` and an `about` in both languages, `minutes` and a `level`, a blueprint has `weights` (of areas or
topics: 1 where nothing is said, 0 leaves it out), `topics` that must be covered, and `levels`: for each, how many
coding exercises and how many questions of other kinds to aim at. `blueprints/llm-engineer.yaml` is one.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

from pydantic import Field

from grader.content import fields
from grader.content.complaints import validate
from grader.content.suggestion import did_you_mean
from grader.content.syllabus import Syllabus
from grader.content.yaml_source import read_document
from grader.errors import ContentError, UsageError
from grader.model.entry import Kind, Level
from grader.sessions.topics import find_topics

SHIPPED = Path(__file__).parent / "blueprints"
Count = Annotated[int, Field(ge=0, le=20)]


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


def find_blueprint(name: str) -> Blueprint | None:
    """The blueprint of a role (by name or title), or in a file; None for a role that the interviewer made up.

    Raises UsageError for a file that is not there and for a name that looks like one of ours, misspelt.
    """
    if name.endswith((".yaml", ".yml")):
        return read_blueprint(Path(name))
    slug = "-".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
    for known in shipped():
        blueprint = read_blueprint(SHIPPED / f"{known}.yaml")
        if slug == known or name.strip().casefold() in (blueprint.title.en.casefold(), blueprint.title.zh):
            return blueprint
    near = difflib.get_close_matches(slug, shipped(), n=1, cutoff=0.8)
    if near:
        fix = did_you_mean(near)
        raise UsageError(
            f"--role: there is no blueprint {name!r}; {fix.en}", f"--role：没有岗位蓝图 {name!r}；{fix.zh}"
        )
    return None


def topic_weights(blueprint: Blueprint, syllabus: Syllabus, path: str) -> dict[str, float]:
    """A weight for each topic that the blueprint speaks of; what is said of a topic counts more than of its area."""
    weights: dict[str, float] = {}
    for name, weight in sorted(blueprint.weights.items(), key=lambda pair: "." in pair[0]):
        try:
            topics = find_topics(name, syllabus)
        except UsageError as error:
            raise ContentError(Path(path), f"weights.{name}", str(error), "correct the name") from error
        weights |= dict.fromkeys(topics, weight)
    return weights
