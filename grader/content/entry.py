"""`bank/<area>/<id>.yaml` -> `Entry`. Every kind has its own model, so that a field of another kind is an error."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from grader.content import fields
from grader.content.complaints import validate
from grader.content.numeric import NumericFields, check_template
from grader.content.suggestion import nearest
from grader.content.yaml_source import Document, loc_of, read_document, shown
from grader.errors import ContentError
from grader.model.entry import (
    BugEntry,
    Choice,
    ChoiceEntry,
    CodeEntry,
    Criterion,
    Entry,
    FollowUp,
    NumericEntry,
    OpenEntry,
    OrderEntry,
    Step,
)

WEIGHT_SLACK = 1e-6


class CriterionFields(fields.Strict):
    """One thing that an interviewer listens for."""

    id: fields.PartId
    weight: Annotated[float, Field(gt=0, le=1, description="The weights of a rubric sum to 1.")]
    text: fields.TextFields
    accept: Annotated[
        list[fields.Pattern],
        Field(description="Regexes that hint at it in a typed answer; `a & b`: both, near each other."),
    ] = Field(default_factory=list)

    def freeze(self) -> Criterion:
        """The criterion as a value."""
        return Criterion(id=self.id, weight=self.weight, text=self.text.freeze(), accept=tuple(self.accept))


class FlagFields(fields.Strict):
    """A text on its own: a red flag, or a hint."""

    text: fields.TextFields


class FollowUpFields(fields.Strict):
    """What to ask next."""

    when: Literal["strong", "weak"]
    text: fields.TextFields

    def freeze(self) -> FollowUp:
        """The follow-up as a value."""
        return FollowUp(when=self.when, text=self.text.freeze())


class ChoiceFields(fields.Strict):
    """One answer to pick; a wrong one says why it is wrong."""

    id: fields.PartId
    correct: bool = False
    text: fields.TextFields
    why: fields.TextFields | None = None

    @model_validator(mode="after")
    def _wrong_says_why(self) -> Self:
        if not self.correct and self.why is None:
            raise fields.refuse("a wrong choice does not say why it is wrong", "write `why: {en: …, zh: …}`", ("why",))
        return self

    def freeze(self) -> Choice:
        """The choice as a value."""
        why = None if self.why is None else self.why.freeze()
        return Choice(id=self.id, correct=self.correct, text=self.text.freeze(), why=why)


class StepFields(fields.Strict):
    """One step of an order."""

    id: fields.PartId
    text: fields.TextFields

    def freeze(self) -> Step:
        """The step as a value."""
        return Step(id=self.id, text=self.text.freeze())


Rubric = Annotated[list[CriterionFields], Field(min_length=1, max_length=10)]
Choices = Annotated[list[ChoiceFields], Field(min_length=2, max_length=10)]
Steps = Annotated[list[StepFields], Field(min_length=3, max_length=12, description="In the right order.")]


class EntryFields(fields.Strict):
    """What every kind of entry has."""

    schema_: fields.Schema
    id: Annotated[
        str,
        StringConstraints(pattern=fields.ENTRY_ID, max_length=64),
        Field(description="Stable and never reused; the file's name."),
    ]
    revision: Annotated[int, Field(ge=1, description="Raised when the meaning changes.")]
    status: fields.Status
    topics: fields.Topics
    level: fields.Level
    difficulty: fields.Difficulty
    minutes: fields.Minutes
    title: fields.TextFields
    prompt: fields.TextFields
    answer: Annotated[fields.TextFields, Field(description="A model answer, as a strong candidate would say it.")]
    red_flags: list[FlagFields] = Field(default_factory=list)
    follow_ups: list[FollowUpFields] = Field(default_factory=list)
    hints: Annotated[list[FlagFields], Field(description="Weakest first.")] = Field(default_factory=list)
    sources: list[fields.SourceFields] = Field(default_factory=list)
    license: fields.Filled
    verified: Annotated[fields.Date, Field(description="When the facts were last checked.")]

    @model_validator(mode="after")
    def _has_both_languages(self) -> Self:
        if self.status == "active":
            fields.require_both_languages(self)
        return self

    @abstractmethod
    def freeze(self, path: Path, digest: str) -> Entry:
        """The entry as a value; `digest` is that of the file at `path`."""

    def shared(self, path: Path, digest: str) -> dict[str, Any]:
        """Arguments of the value's class that are the same for every kind."""
        plain = ("id", "revision", "status", "kind", "level", "difficulty", "minutes", "license", "verified")
        return {
            **{name: getattr(self, name) for name in plain},
            "topics": tuple(self.topics),
            "title": self.title.freeze(),
            "prompt": self.prompt.freeze(),
            "answer": self.answer.freeze(),
            "red_flags": tuple(flag.text.freeze() for flag in self.red_flags),
            "follow_ups": tuple(follow_up.freeze() for follow_up in self.follow_ups),
            "hints": tuple(hint.text.freeze() for hint in self.hints),
            "sources": tuple(source.freeze() for source in self.sources),
            "path": path,
            "digest": digest,
        }


class OpenFields(EntryFields):
    """An `open` entry: answered in words."""

    kind: Literal["open"]
    rubric: Rubric

    @model_validator(mode="after")
    def _rubric_holds(self) -> Self:
        require_rubric(self.rubric)
        return self

    def freeze(self, path: Path, digest: str) -> OpenEntry:
        """The entry as a value."""
        return OpenEntry(**self.shared(path, digest), rubric=_frozen_rubric(self.rubric))


class ChoiceEntryFields(EntryFields):
    """A `choice` entry: exactly one choice is right."""

    kind: Literal["choice"]
    choices: Choices

    @model_validator(mode="after")
    def _one_is_right(self) -> Self:
        require_one_right(self.choices)
        return self

    def freeze(self, path: Path, digest: str) -> ChoiceEntry:
        """The entry as a value."""
        return ChoiceEntry(**self.shared(path, digest), choices=_frozen_choices(self.choices))


class MultiFields(EntryFields):
    """A `multi` entry: at least one choice is right and at least one is wrong."""

    kind: Literal["multi"]
    choices: Choices

    @model_validator(mode="after")
    def _some_are_right(self) -> Self:
        fields.require_unique((choice.id for choice in self.choices), "choices")
        right = sum(choice.correct for choice in self.choices)
        if right in {0, len(self.choices)}:
            problem = f"{right} of {len(self.choices)} choices are correct"
            raise fields.refuse(problem, "mark at least one, and leave at least one wrong", ("choices",))
        return self

    def freeze(self, path: Path, digest: str) -> ChoiceEntry:
        """The entry as a value."""
        return ChoiceEntry(**self.shared(path, digest), choices=_frozen_choices(self.choices))


class NumericEntryFields(EntryFields):
    """A `numeric` entry: answered by a number."""

    kind: Literal["numeric"]
    numeric: NumericFields

    def freeze(self, path: Path, digest: str) -> NumericEntry:
        """The entry as a value."""
        return NumericEntry(**self.shared(path, digest), numeric=self.numeric.freeze())


class OrderFields(EntryFields):
    """An `order` entry: steps to put in order."""

    kind: Literal["order"]
    steps: Steps

    @model_validator(mode="after")
    def _steps_differ(self) -> Self:
        fields.require_unique((step.id for step in self.steps), "steps")
        return self

    def freeze(self, path: Path, digest: str) -> OrderEntry:
        """The entry as a value."""
        return OrderEntry(**self.shared(path, digest), steps=tuple(step.freeze() for step in self.steps))


class BugFields(EntryFields):
    """A `bug` entry: code with one defect, found among `choices`, or a repair task: `mutant` mended in `exercise`."""

    kind: Literal["bug"]
    rubric: Rubric
    choices: Choices | None = None
    exercise: Annotated[fields.Slug | None, Field(description="Whose code is to be mended; with `mutant`.")] = None
    mutant: Annotated[
        str | None,
        Field(pattern=fields.MUTANT_ID, description="The mistake that is planted, as mutants.yaml calls it."),
    ] = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        require_rubric(self.rubric)
        if (self.exercise is None) != (self.mutant is None):
            lacks = "exercise" if self.exercise is None else "mutant"
            raise fields.refuse(f"a repair task has no `{lacks}`", "write both `exercise` and `mutant`", (lacks,))
        if (self.choices is None) == (self.exercise is None):
            problem = "it needs either `choices`, or `exercise` and `mutant`"
            raise fields.refuse(problem, "write the one or the other")
        if self.choices is not None:
            require_one_right(self.choices)
        return self

    def freeze(self, path: Path, digest: str) -> BugEntry:
        """The entry as a value."""
        return BugEntry(
            **self.shared(path, digest),
            rubric=_frozen_rubric(self.rubric),
            choices=_frozen_choices(self.choices or []),
            exercise=self.exercise,
            mutant=self.mutant,
        )


class CodeFields(EntryFields):
    """A `code` entry: answered by solving an exercise."""

    kind: Literal["code"]
    rubric: Rubric
    exercise: Annotated[fields.Slug, Field(description="The folder's name in exercises/.")]

    @model_validator(mode="after")
    def _rubric_holds(self) -> Self:
        require_rubric(self.rubric)
        return self

    def freeze(self, path: Path, digest: str) -> CodeEntry:
        """The entry as a value."""
        return CodeEntry(**self.shared(path, digest), rubric=_frozen_rubric(self.rubric), exercise=self.exercise)


KINDS: Mapping[str, type[EntryFields]] = {
    "open": OpenFields,
    "choice": ChoiceEntryFields,
    "multi": MultiFields,
    "numeric": NumericEntryFields,
    "order": OrderFields,
    "bug": BugFields,
    "code": CodeFields,
}


def read_entry(path: Path) -> Entry:
    """Read the entry in the file `path`, whose name must be the entry's id. Raises ContentError."""
    document = read_document(path)
    entry = freeze_entry(document)
    check_name(document, entry)
    return entry


def check_name(document: Document, entry: Entry) -> None:
    """Raise ContentError where an entry's id is not its file's name."""
    if entry.id != document.path.stem:
        raise document.error(("id",), f"found `{entry.id}` in the file `{document.path.name}`", "make them the same")


def freeze_entry(document: Document) -> Entry:
    """The entry that a document describes. Raises ContentError."""
    _refuse_other_kinds(document)
    entry = validate(document, KINDS[document.value["kind"]]).freeze(document.path, document.digest)
    if isinstance(entry, NumericEntry):
        _check_template(document, entry)
    return entry


def require_rubric(rubric: list[CriterionFields]) -> None:
    """Refuse a rubric whose ids repeat or whose weights do not sum to 1."""
    fields.require_unique((criterion.id for criterion in rubric), "rubric")
    total = math.fsum(criterion.weight for criterion in rubric)
    if abs(total - 1) > WEIGHT_SLACK:
        raise fields.refuse(f"the weights sum to {total:.6g}", "make them sum to 1", ("rubric",))


def require_one_right(choices: list[ChoiceFields]) -> None:
    """Refuse choices whose ids repeat or of which not exactly one is correct."""
    fields.require_unique((choice.id for choice in choices), "choices")
    right = sum(choice.correct for choice in choices)
    if right != 1:
        problem = f"{right} of {len(choices)} choices are correct"
        raise fields.refuse(problem, "write `correct: true` on exactly one", ("choices",))


def _refuse_other_kinds(document: Document) -> None:
    """Refuse a missing or unknown kind, and a field that only other kinds have: that is a sign of the wrong kind."""
    kind = document.value.get("kind")
    if kind is None:
        raise document.error(("kind",), "the field is missing", f"write `kind:` and one of {', '.join(KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        meant = nearest(str(kind), list(KINDS))
        fix = f"did you mean `{meant}`?" if meant else f"write one of {', '.join(KINDS)}"
        raise document.error(("kind",), f"found {shown(kind)}", fix)
    own = fields.field_names(KINDS[kind])
    for name in (name for name in document.value if name not in own):
        owners = [other for other, model in KINDS.items() if name in fields.field_names(model)]
        if owners:
            problem = f"an entry of kind `{kind}` has no such field"
            raise document.error((name,), problem, f"remove it, or change the kind to {' or '.join(owners)}")


def _check_template(document: Document, entry: NumericEntry) -> None:
    try:
        check_template(entry)
    except ContentError as error:  # the same, with the line
        raise document.error(loc_of(error.field), error.problem, error.fix) from error


def _frozen_rubric(rubric: list[CriterionFields]) -> tuple[Criterion, ...]:
    return tuple(criterion.freeze() for criterion in rubric)


def _frozen_choices(choices: list[ChoiceFields]) -> tuple[Choice, ...]:
    return tuple(choice.freeze() for choice in choices)
