"""`reference/<slug>/mutants.yaml`: wrong solutions, as edits of the reference or as files of their own.

Sources are parsed and never executed, so that reading an exercise runs nobody's code.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from grader.content import fields
from grader.content.complaints import validate
from grader.content.edits import EditError, apply_edits
from grader.content.yaml_source import Document, Loc, read_document, read_prose
from grader.model.exercise import Edit, Equivalent, Mutant, Variant

FILE = "mutants.yaml"
_VALUE = "{{value}}"
_MutantId = Annotated[str, StringConstraints(pattern=fields.MUTANT_ID)]


class EditFields(fields.Strict):
    """A change of `solution.py`; text of several lines is whole lines, at any indentation."""

    old: Annotated[fields.Filled, Field(description="What stands in solution.py exactly once.")]
    new: Annotated[str, Field(description="What is to stand there; empty takes it away.")]

    def freeze(self, value: str) -> Edit:
        """The edit as a value, with `value` where it names one."""
        return Edit(old=self.old, new=self.new.replace(_VALUE, value))


_Edits = Annotated[list[EditFields], Field(min_length=1, max_length=20, description="All made at once.")]


class MutantFields(fields.Strict):
    """Which mistake a mutant makes, what to tell a person, which task catches it and which promise it breaks."""

    id: Annotated[_MutantId, Field(description="snake_case, names the mistake; stable.")]
    task: Annotated[fields.PartId, Field(description="The task that must catch it.")]
    breaks: Annotated[
        fields.PartId | None, Field(description="The promise of promises.yaml that it breaks, and no other.")
    ] = None
    device: Annotated[
        Literal["cpu", "cuda"],
        Field(description="cuda where the mistake shows on a GPU alone, such as a mask on the CPU."),
    ] = "cpu"
    title: Annotated[fields.TextFields, Field(description="Behaves like: ….")]
    advice: fields.TextFields
    edits: _Edits | None = None
    values: Annotated[
        list[str] | None,
        Field(min_length=2, max_length=12, description="What `{{value}}` in `new` stands for, one mutant for each."),
    ] = None
    file: Annotated[
        str | None,
        Field(pattern=fields.MUTANT_PATH, description="A whole module, only where the mistake is another algorithm."),
    ] = None

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        if (self.edits is None) == (self.file is None):
            problem = "it has neither `edits` nor a `file`" if self.file is None else "it has both `edits` and a `file`"
            raise fields.refuse(problem, "write one of the two")
        used = any(_VALUE in edit.new for edit in self.edits or ())
        if used != (self.values is not None):
            problem = f"`{_VALUE}` stands in no `new`" if self.values else f"`{_VALUE}` has no `values`"
            raise fields.refuse(problem, "write both or none", ("values",) if self.values else ())
        for field in ("title", "advice"):  # one name for all of them: a diagnosis does not know which it was
            if any(_VALUE in text for text in getattr(self, field).model_dump().values() if text):
                raise fields.refuse(f"`{_VALUE}` means nothing here", "say what all values have in common", (field,))
        if self.values and len(set(self.values)) < len(self.values):
            raise fields.refuse("a value is there twice", "remove one", ("values",))
        return self


class EquivalentFields(fields.Strict):
    """An automatic mutant that no case can tell from the reference, because it breaks no promise of the statement."""

    edits: _Edits
    why: Annotated[fields.Filled, Field(description="A reason that a stranger accepts.")]


class MutantsFields(fields.Strict):
    """The mutants of one exercise, and the automatic ones that are none."""

    schema_: fields.Schema
    mutants: list[MutantFields]
    equivalent: list[EquivalentFields] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        fields.require_unique((mutant.id for mutant in self.mutants), "mutants")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutants:
    """What `mutants.yaml` holds."""

    mutants: tuple[Mutant, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()


def read_mutants(private_dir: Path, tasks: Sequence[str], devices: Sequence[str] = ("cpu",)) -> Mutants:
    """The mutants of the exercise in `private_dir`, which may name `tasks` and `devices`; none without a file of them.

    Raises ContentError that names the mutant and the line.
    """
    path = private_dir / FILE
    if not path.exists():
        return Mutants()
    document = read_document(path)
    found = validate(document, MutantsFields)
    reading = _Reading(document, private_dir)
    for place, mutant in enumerate(found.mutants):
        for missing, language in fields.missing_texts(mutant):
            raise reading.error(place, (*missing, language), "the text is missing", "a mutant has both languages")
        if mutant.device not in devices:
            problem = f"the manifest does not list the device `{mutant.device}`"
            raise reading.error(place, ("device",), problem, "add it to `devices`, or remove this line")
        if mutant.task not in tasks:
            raise reading.error(place, ("task",), f"no task `{mutant.task}`", f"write one of {', '.join(tasks)}")
    return Mutants(
        mutants=tuple(reading.mutant(place, mutant) for place, mutant in enumerate(found.mutants)),
        equivalents=tuple(reading.equivalent(place, one) for place, one in enumerate(found.equivalent)),
    )


class _Reading:
    """Makes sources of edits; errors name mutants."""

    def __init__(self, document: Document, private_dir: Path) -> None:
        self._document = document
        self._folder = private_dir
        self._solution = read_prose(private_dir / "solution.py")
        self._known = {_shape(self._solution): "the reference itself"}

    def error(self, place: int, loc: Loc, problem: str, fix: str) -> Exception:
        """What is wrong with the mutant numbered `place`."""
        name = self._document.value["mutants"][place]["id"]
        return self._document.error(("mutants", place, *loc), f"`{name}`: {problem}", fix)

    def mutant(self, place: int, stated: MutantFields) -> Mutant:
        """One mutant; raises ContentError when its source is not Python, or that of another."""
        first, *others = stated.values or [""]
        edits = _frozen(stated.edits or (), first)
        source = self._source(place, stated, first)
        return Mutant(
            id=stated.id,
            source=source,
            variants=tuple(Variant(value=value, source=self._source(place, stated, value)) for value in others),
            title=stated.title.freeze(),
            advice=stated.advice.freeze(),
            task=stated.task,
            breaks=stated.breaks,
            device=stated.device,
            edits=edits,
        )

    def equivalent(self, place: int, stated: EquivalentFields) -> Equivalent:
        """One automatic mutant that is none; raises ContentError."""
        at: Loc = ("equivalent", place)
        source = self._edited(at, "", _frozen(stated.edits))
        self._parsed(at, "", source)
        return Equivalent(source=source, why=stated.why.strip())

    def _source(self, place: int, stated: MutantFields, value: str) -> str:
        """The source with `value` in it, which no other mutant may have."""
        at: Loc = ("mutants", place)
        edits = _frozen(stated.edits or (), value)
        source = self._edited(at, stated.id, edits) if stated.file is None else self._read(place, stated.file)
        shape = self._parsed(at, stated.id, source)
        if shape in self._known:
            raise self.error(place, (), f"it is the same program as {self._known[shape]}", "make another mistake")
        self._known[shape] = f"`{stated.id}`"
        return source

    def _read(self, place: int, name: str) -> str:
        if not (self._folder / name).is_file():
            raise self.error(place, ("file",), f"there is no {self._folder / name}", "write it, or correct its name")
        return read_prose(self._folder / name)

    def _edited(self, at: Loc, name: str, edits: Sequence[Edit]) -> str:
        try:
            return apply_edits(self._solution, edits)
        except EditError as error:
            problem = f"`{name}`: {error.problem}" if name else error.problem
            raise self._document.error((*at, "edits", error.index, error.field), problem, error.fix) from error

    def _parsed(self, at: Loc, name: str, source: str) -> str:
        try:
            return _shape(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line, said = getattr(error, "lineno", None), getattr(error, "msg", error)
            where = f" on line {line}" if line else ""
            problem = f"what comes of it is not Python: {said}{where}"
            problem = f"`{name}`: {problem}" if name else problem
            raise self._document.error(at, problem, "make it run") from error


def same_program(one: str, other: str) -> bool:
    """Whether two sources differ in layout and comments at most."""
    return _shape(one) == _shape(other)


def stray_files(private_dir: Path, mutants: Iterable[MutantFields]) -> Iterator[Path]:
    """Files in `mutants/` that no mutant names."""
    named = {mutant.file for mutant in mutants}
    for path in sorted((private_dir / "mutants").glob("*")):
        if f"mutants/{path.name}" not in named and path.name != "__pycache__":
            yield path


def _frozen(stated: Iterable[EditFields], value: str = "") -> tuple[Edit, ...]:
    return tuple(edit.freeze(value) for edit in stated)


def _shape(source: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a mistake such as "\d" is the author's to see when the file runs
        return ast.dump(ast.parse(source))
