"""`bank/syllabus.yaml`: the areas and topics that the bank covers, and the check that a topic is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from grader.content import fields
from grader.content.complaints import validate
from grader.content.suggestion import nearest
from grader.content.yaml_source import read_document
from grader.errors import ContentError
from grader.model.syllabus import WEIGHTS, Area, Topic

__all__ = ["Area", "Syllabus", "SyllabusFields", "Topic", "read_syllabus"]
AREA_ID = r"^[a-z]+$"
Weight = Annotated[
    int, Field(ge=WEIGHTS[0], le=WEIGHTS[-1], description="How often it is asked, from 1 (seldom) to 5.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Syllabus:
    """All areas, in the order of the file."""

    path: Path
    areas: tuple[Area, ...]

    @property
    def topics(self) -> Mapping[str, Topic]:
        """Topics by id."""
        return {topic.id: topic for area in self.areas for topic in area.topics}

    def area_of(self, topic: str) -> Area:
        """The area that a topic is in; KeyError for one that is not there."""
        for area in self.areas:
            if any(member.id == topic for member in area.topics):
                return area
        raise KeyError(topic)

    def check_topics(self, path: Path, topics: tuple[str, ...]) -> None:
        """Raise ContentError for the first of the `topics` that `path` names and the syllabus lacks."""
        known = self.topics
        for place, topic in enumerate(topics):
            if topic not in known:
                meant = nearest(topic, list(known))
                fix = f"did you mean `{meant}`?" if meant else f"write one of the topics in {self.path}"
                raise ContentError(path, f"topics.{place}", f"there is no topic `{topic}`", fix)


class TopicFields(fields.Strict):
    """A topic as it is written."""

    id: fields.TopicId
    title: fields.TextFields
    weight: Weight
    about: fields.TextFields
    exercises: list[fields.Slug]

    def freeze(self) -> Topic:
        """The topic as a value."""
        return Topic(
            id=self.id,
            title=self.title.freeze(),
            weight=self.weight,
            about=self.about.freeze(),
            exercises=tuple(self.exercises),
        )


class AreaFields(fields.Strict):
    """An area as it is written."""

    id: Annotated[str, StringConstraints(pattern=AREA_ID)]
    title: fields.TextFields
    topics: Annotated[list[TopicFields], Field(min_length=1)]

    def freeze(self) -> Area:
        """The area as a value."""
        return Area(id=self.id, title=self.title.freeze(), topics=tuple(topic.freeze() for topic in self.topics))


class SyllabusFields(fields.Strict):
    """The whole file."""

    schema_: fields.Schema
    areas: Annotated[list[AreaFields], Field(min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        fields.require_unique((area.id for area in self.areas), "areas")
        fields.require_both_languages(self)
        seen: set[str] = set()
        for place, area in enumerate(self.areas):
            for index, topic in enumerate(area.topics):
                if topic.id in seen:
                    at = ("areas", place, "topics", index, "id")
                    raise fields.refuse(f"the topic `{topic.id}` is there twice", "give each its own id", at)
                seen.add(topic.id)
        return self


def read_syllabus(path: Path) -> Syllabus:
    """Read a syllabus; raises ContentError."""
    found = validate(read_document(path), SyllabusFields)
    return Syllabus(path=path, areas=tuple(area.freeze() for area in found.areas))
