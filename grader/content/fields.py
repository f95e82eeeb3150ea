"""The fields that entries and manifests have in common, as pydantic models, each of which freezes to a model value.

A rule that pydantic has no word for is raised with `refuse`, so that it too names what was found and what to write.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from grader.content.names import SLUG
from grader.content.yaml_source import shown
from grader.model.accept import BadPattern, compiled
from grader.model.entry import Level as LevelName
from grader.model.entry import Lifecycle
from grader.model.entry import Number as NumberValue
from grader.model.exercise import Source
from grader.model.text import Text

ENTRY_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PART_ID = r"^[a-z0-9][a-z0-9_-]{0,31}$"
TOPIC_ID = r"^[a-z]+\.[a-z][a-z0-9_]*$"
NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
DOTTED = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
DOTTED_OR_STAR = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\*?$"
URL = r"^https?://[^\s]+$"
MUTANT_ID = r"^[a-z][a-z0-9_]{0,63}$"
MUTANT_PATH = r"^mutants/[a-z][a-z0-9_]*\.py$"
ENVIRONMENT = r"^[a-z][a-z0-9_]*$"
FILLED = r"\S"

# What a person should write where one of the patterns above does not match.
PATTERN_FIXES = {
    SLUG: "write snake_case that begins with a letter, 32 characters at most",
    ENTRY_ID: "write kebab-case: lower-case letters, digits and single hyphens",
    PART_ID: "write lower-case letters, digits, `_` or `-`, 32 characters at most",
    TOPIC_ID: "write the id of a topic in bank/syllabus.yaml, such as `arch.attention`",
    NAME: "write a Python name",
    DOTTED: "write a Python name, with dots where it is in a module",
    DOTTED_OR_STAR: "write a Python name, with dots where it is in a module, and `*` at most as its last character",
    URL: "write an address that begins with https:// or http://",
    ENVIRONMENT: "write the name of an environment, such as `numpy` or `torch`",
    MUTANT_ID: "write snake_case that names the mistake, 64 characters at most",
    MUTANT_PATH: "write `mutants/` and the name of a Python file in snake_case",
    FILLED: "write some text",
}


def refuse(problem: str, fix: str, at: Iterable[str | int] = ()) -> PydanticCustomError:
    """An error to raise in a validator; `at` leads from the validated value to the field that is wrong."""
    return PydanticCustomError("viva", "{problem}; {fix}", {"problem": problem, "fix": fix, "at": tuple(at)})


def _number(value: object) -> NumberValue:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise refuse(f"found {shown(value)}", "write a number")
    return value


def _regular_expression(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise refuse(f"found {shown(value)}", "write a regular expression in quotes")
    try:
        compiled(value)
    except BadPattern as error:
        problem = f"{shown(value)} is not a regular expression ({error})"
        raise refuse(problem, "mend it without look-around and references, or escape it with `\\`") from None
    return value


def _date(value: object) -> date:
    try:
        if isinstance(value, str) and len(value) == len("2026-11-22"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise refuse(f"found {shown(value)}", "write a date such as 2026-11-22")


Date = Annotated[date, PlainValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Number = Annotated[NumberValue, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Pattern = Annotated[
    str, PlainValidator(_regular_expression), WithJsonSchema({"type": "string", "format": "regex", "minLength": 1})
]
Filled = Annotated[str, StringConstraints(pattern=FILLED)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
PartId = Annotated[str, StringConstraints(pattern=PART_ID)]
TopicId = Annotated[str, StringConstraints(pattern=TOPIC_ID)]
Topics = Annotated[
    list[TopicId], Field(min_length=1, max_length=6, description="Ids of bank/syllabus.yaml, the main one first.")
]
Status = Annotated[Lifecycle, Field(description="Only an active one is used; it needs both languages.")]
Level = Annotated[LevelName, Field(description="Who is asked this.")]
Difficulty = Annotated[int, Field(ge=1, le=10, description="From 1 (warm-up) to 10.")]
Minutes = Annotated[int, Field(ge=1, le=240, description="How long a person of the level takes.")]
Schema = Annotated[Literal[1], Field(alias="schema", description="The version of this format: 1.")]


class Strict(BaseModel):
    """Unknown fields are errors, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


class TextFields(Strict):
    """One text in English and in Chinese; Markdown with code fences and $math$."""

    en: Filled = ""
    zh: Filled = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.en and not self.zh:
            raise refuse("the text is in no language", "write `{en: …, zh: …}`")
        return self

    def freeze(self) -> Text:
        """The text, without the blank lines around it; a language that is missing is empty."""
        return Text(en=_trimmed(self.en), zh=_trimmed(self.zh))


class SourceFields(Strict):
    """Where a fact comes from."""

    title: Filled
    url: Annotated[str, StringConstraints(pattern=URL)]
    place: str = ""

    def freeze(self) -> Source:
        """The source as a value."""
        return Source(title=self.title.strip(), url=self.url, place=self.place.strip())


def require_unique(ids: Iterable[str], at: str) -> None:
    """Refuse the second use of an id in the list at field `at`, whose members have the field `id`."""
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            raise refuse(f"the id `{name}` is there twice", "give each its own id", (at, place, "id"))
        seen.add(name)


def require_both_languages(model: Strict) -> None:
    """Refuse an active document that lacks a text in one language, anywhere in it."""
    for place, language in missing_texts(model):
        raise refuse("the text is missing", "write it; an active one has both languages", (*place, language))


def missing_texts(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(place, language) of each text that is missing in `value` or in what it holds."""
    if isinstance(value, TextFields):
        yield from ((at, language) for language in ("en", "zh") if not getattr(value, language))
    elif isinstance(value, Strict):
        for name in type(value).model_fields:
            yield from missing_texts(getattr(value, name), (*at, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from missing_texts(member, (*at, index))


def field_names(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of `model` as they are written in YAML, and the type of each."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def _trimmed(text: str) -> str:
    return text.strip("\n").rstrip()
