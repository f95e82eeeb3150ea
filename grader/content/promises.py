"""`reference/<slug>/promises.yaml`: what a statement promises, sentence by sentence, and the cases that hold it to it.

A promise quotes the statement in both languages, so that nobody edits one without the other.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from grader.content import fields
from grader.content.complaints import validate
from grader.content.yaml_source import read_document, read_prose
from grader.model.exercise import Exercise, Promise

FILE = "promises.yaml"


class PromiseFields(fields.Strict):
    """One graded sentence of the statement, or the part of one that stands by itself."""

    id: fields.PartId
    says: Annotated[fields.TextFields, Field(description="Quoted from statement.en.md and statement.zh.md.")]
    cases: Annotated[
        list[Annotated[str, StringConstraints(pattern=fields.NAME)]],
        Field(min_length=1, description="Names of test functions that fail without it."),
    ]


class PromisesFields(fields.Strict):
    """All that is graded of one statement."""

    schema_: fields.Schema
    promises: Annotated[list[PromiseFields], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_differ(self) -> PromisesFields:
        fields.require_unique((promise.id for promise in self.promises), "promises")
        return self


def read_promises(exercise: Exercise) -> tuple[Promise, ...]:
    """The promises of an exercise's statement; none without a file of them.

    Raises ContentError for a quotation that the statement does not hold.
    """
    path = exercise.private_dir / FILE
    if not path.exists():
        return ()
    document = read_document(path)
    found = validate(document, PromisesFields)
    statements = {lang: _plain(read_prose(exercise.public_dir / f"statement.{lang}.md")) for lang in ("en", "zh")}
    for place, promise in enumerate(found.promises):
        for lang, statement in statements.items():
            quoted = getattr(promise.says, lang)
            if not quoted or _plain(quoted) not in statement:
                problem = f"`{promise.id}`: statement.{lang}.md does not say this"
                fix = "quote the sentence as it stands there, or write it there"
                raise document.error(("promises", place, "says", lang), problem, fix)
    return tuple(Promise(id=one.id, says=one.says.freeze(), cases=tuple(one.cases)) for one in found.promises)


def _plain(text: str) -> str:
    """`text` without blanks and line breaks: where lines end says nothing."""
    return "".join(text.split())
