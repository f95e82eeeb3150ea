"""`bank/paths/<id>.yaml` -> a `LearningPath`, and the check of its steps against the pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from grader.content import fields
from grader.content.complaints import validate
from grader.content.yaml_source import Document, read_document
from grader.model.learning_path import LearningPath, PathStep, StepKind

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError

MOST_STEPS = 100
EntryId = Annotated[str, StringConstraints(pattern=fields.ENTRY_ID)]


class StepFields(fields.Strict):
    """One step: an entry or an exercise, never both."""

    entry: Annotated[EntryId | None, Field(description="An entry of this pack; not together with `exercise`.")] = None
    exercise: Annotated[
        fields.Slug | None, Field(description="An exercise of this pack; not together with `entry`.")
    ] = None
    why: Annotated[fields.TextFields, Field(description="One paragraph: why this comes next.")]

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if self.entry is None and self.exercise is None:
            raise fields.refuse("the step names nothing", "write `entry: ID` or `exercise: SLUG`")
        if self.entry is not None and self.exercise is not None:
            problem = f"the step names the entry `{self.entry}` and the exercise `{self.exercise}`"
            raise fields.refuse(problem, "keep one of the two", ("exercise",))
        return self

    @property
    def kind(self) -> StepKind:
        """Which of the two it names."""
        return "exercise" if self.entry is None else "entry"

    @property
    def name(self) -> str:
        """The id or the slug."""
        return self.entry or self.exercise or ""

    def freeze(self) -> PathStep:
        """The step as a value."""
        return PathStep(kind=self.kind, name=self.name, why=self.why.freeze())


class PathFields(fields.Strict):
    """A path as its author describes it."""

    schema_: fields.Schema
    id: Annotated[EntryId, Field(description="Stable; the file's name.")]
    status: fields.Status
    title: fields.TextFields
    summary: Annotated[fields.TextFields, Field(description="Whom it is for, and what they can do after it.")]
    steps: Annotated[list[StepFields], Field(min_length=1, max_length=MOST_STEPS, description="In their order.")]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        seen: set[tuple[StepKind, str]] = set()
        for place, step in enumerate(self.steps):
            if (step.kind, step.name) in seen:
                raise _repeated(step, place)
            seen.add((step.kind, step.name))
        if self.status == "active":
            fields.require_both_languages(self)
        return self


def _repeated(step: StepFields, place: int) -> PydanticCustomError:
    return fields.refuse(f"the {step.kind} `{step.name}` is a step twice", "remove one", ("steps", place, step.kind))


def read_path(path: Path) -> tuple[Document, LearningPath]:
    """Read the path in the file `path`, whose name is its id. Raises ContentError with the line of the mistake."""
    document = read_document(path)
    found = validate(document, PathFields)
    if found.id != path.stem:
        raise document.error(("id",), f"found `{found.id}` in the file `{path.name}`", "make them the same")
    return document, LearningPath(
        id=found.id,
        status=found.status,
        title=found.title.freeze(),
        summary=found.summary.freeze(),
        steps=tuple(step.freeze() for step in found.steps),
        path=path,
    )
