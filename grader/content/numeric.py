"""Numeric entries: a value, or a template whose parameters are drawn from a seed.

    numeric:
      formula: 2 * layers * width * tokens / 2**30
      parameters:
        layers: {choices: [24, 32, 48]}
        tokens: {range: {low: 1024, high: 8192, step: 1024}}    # both ends may be drawn
        width: {choices: [4096]}
      rtol: 0.01
      unit: GiB                     # or, in words, {en: thousand users, zh: 千名用户}

In the prompt, the answer and the hints of a template, `{{tokens}}`, `{{tokens / 1024}}` or `{{answer:.3g}}` stands for
what the formula between the braces gives, written in a format of Python's where one follows. `instantiate` turns such
an entry and a seed into a plain one, so that nothing else needs to know of templates.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from grader.content import fields
from grader.content.formula import CONSTANTS, FUNCTIONS, Formula, FormulaError, parse_formula
from grader.errors import ContentError
from grader.model.entry import Number, Numeric, NumericEntry, NumericTemplate
from grader.model.text import NOTHING, Text

ANSWER = "answer"
MAX_VALUES = 10_000
PROBES = 8  # seeds that a template is tried with when it is loaded
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_FORMAT = re.compile(r",?(\.\d{1,2})?[dfge%]?")
_PLACEHOLDER_FIX = "write arithmetic over the parameters between the braces, and a format such as `.3g` after a colon"
Name = Annotated[str, StringConstraints(pattern=fields.NAME)]


def _both_languages(unit: object) -> object:
    """A symbol such as GiB is written once; an empty one is none."""
    if isinstance(unit, str):
        return {"en": unit, "zh": unit} if unit else None
    return unit


_TEXT_SCHEMA: Final = {
    "type": "object",
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
    "additionalProperties": False,
}
Unit = Annotated[
    fields.TextFields | None,
    BeforeValidator(_both_languages),
    WithJsonSchema({"anyOf": [{"type": "string"}, _TEXT_SCHEMA]}),
    Field(description="What the number counts, as a person types it: a symbol, or words in both languages."),
]


class RangeFields(fields.Strict):
    """Evenly spaced values from `low` up to `high`."""

    low: fields.Number
    high: fields.Number
    step: fields.Number = 1

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.step <= 0:
            raise fields.refuse(f"found {self.step}", "write a number above 0", ("step",))
        if self.high <= self.low:
            raise fields.refuse(f"found {self.high}, not above low", "write a larger number", ("high",))
        if (self.high - self.low) / self.step >= MAX_VALUES:
            raise fields.refuse("the range has too many values", f"allow {MAX_VALUES} at most", ("step",))
        return self

    def values(self) -> tuple[Number, ...]:
        """All values; counted in decimal, so that 0.1 three times is 0.3."""
        low, high, step = (Decimal(str(number)) for number in (self.low, self.high, self.step))
        whole = isinstance(self.low, int) and isinstance(self.step, int)
        members = (low + index * step for index in range(int((high - low) / step) + 1))
        return tuple(int(member) if whole else float(member) for member in members)


class ParameterFields(fields.Strict):
    """What a seed may draw for one parameter: one of `choices`, or of the values of a `range`."""

    choices: Annotated[list[fields.Number], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    range: RangeFields | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.choices is None) == (self.range is None):
            raise fields.refuse("it needs either `choices` or `range`", "write exactly one of the two")
        return self

    def values(self) -> tuple[Number, ...]:
        """All values that may be drawn."""
        return tuple(self.choices or ()) if self.range is None else self.range.values()


class NumericFields(fields.Strict):
    """The number to find: `value`, or `formula` over `parameters`; right within `atol + rtol * |value|`."""

    value: fields.Number | None = None
    formula: Annotated[str, Field(description="Arithmetic over the parameters; ** is a power.")] | None = None
    parameters: Annotated[dict[Name, ParameterFields], Field(max_length=12)] = Field(default_factory=dict)
    rtol: Annotated[float, Field(ge=0, le=1)] = 0.01
    atol: Annotated[float, Field(ge=0)] = 0.0
    unit: Unit = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.value is None) == (self.formula is None):
            raise fields.refuse("it needs either `value` or `formula`", "write exactly one of the two")
        if self.value is not None and self.parameters:
            raise fields.refuse("parameters belong to a `formula`", "remove them, or write a formula", ("parameters",))
        reserved = {*CONSTANTS, *FUNCTIONS, ANSWER}
        for name in self.parameters:
            if name in reserved:
                raise fields.refuse("the name has a meaning in formulas", "choose another", ("parameters", name))
        if self.formula is not None:
            self._check_formula(self.formula)
        return self

    def _check_formula(self, text: str) -> None:
        try:
            unknown = parse_formula(text).names - self.parameters.keys()
        except FormulaError as error:
            raise fields.refuse(str(error), "write arithmetic over the parameters", ("formula",)) from error
        if unknown:
            problem = f"`{min(unknown)}` is not a parameter"
            raise fields.refuse(problem, "add it to `parameters`, or correct the name", ("formula",))

    def freeze(self) -> Numeric | NumericTemplate:
        """The number, or the template."""
        unit = self.unit.freeze() if self.unit else NOTHING
        if self.value is not None:
            return Numeric(value=self.value, rtol=self.rtol, atol=self.atol, unit=unit)
        parameters = {name: parameter.values() for name, parameter in self.parameters.items()}
        return NumericTemplate(
            formula=self.formula or "",
            parameters=MappingProxyType(parameters),
            rtol=self.rtol,
            atol=self.atol,
            unit=unit,
        )


def instantiate(entry: NumericEntry, seed: int) -> NumericEntry:
    """The entry with parameters drawn from `seed`, its number computed and its texts filled in.

    The same entry and seed give the same numbers on every machine; an entry that has a plain value comes back as it is.
    Raises ContentError when the formula or a placeholder has no value for what was drawn.
    """
    template = entry.numeric
    if isinstance(template, Numeric):
        return entry
    names = _solve(entry, template, seed)
    return dataclasses.replace(
        entry,
        numeric=Numeric(value=names[ANSWER], rtol=template.rtol, atol=template.atol, unit=template.unit),
        prompt=_fill_both(entry, "prompt", entry.prompt, names),
        answer=_fill_both(entry, "answer", entry.answer, names),
        hints=tuple(_fill_both(entry, f"hints.{n}.text", hint, names) for n, hint in enumerate(entry.hints)),
    )


def draw(template: NumericTemplate, key: str) -> dict[str, Number]:
    """A value for every parameter; each depends on `key` and its own name only, so that adding one moves no other."""
    drawn: dict[str, Number] = {}
    for name, values in template.parameters.items():
        digest = hashlib.sha256(f"{key}:{name}".encode()).digest()
        drawn[name] = values[int.from_bytes(digest[:16]) % len(values)]
    return drawn


def fill(text: str, names: Mapping[str, Number]) -> str:
    """`text` with every placeholder replaced; raises FormulaError."""
    return _PLACEHOLDER.sub(lambda match: _written(match[1], names), text)


def check_template(entry: NumericEntry) -> None:
    """Raise ContentError for the first thing wrong with a template's texts, or with its values for some seeds."""
    template = entry.numeric
    if isinstance(template, Numeric):
        return
    for language in ("en", "zh"):
        field = f"prompt.{language}"
        try:
            problem = _unstated(template, getattr(entry.prompt, language))
        except FormulaError as error:
            raise ContentError(entry.path, field, str(error), _PLACEHOLDER_FIX) from error
        if problem:
            raise ContentError(entry.path, field, problem, "state every parameter, as in `{{name}}`, and nothing more")
    for seed in range(PROBES):
        instantiate(entry, seed)


def _solve(entry: NumericEntry, template: NumericTemplate, seed: int) -> dict[str, Number]:
    """What was drawn, and the answer."""
    names = draw(template, f"{entry.id}:{seed}")
    try:
        names[ANSWER] = parse_formula(template.formula).evaluate(names)
    except FormulaError as error:
        raise ContentError(
            entry.path, "numeric.formula", f"{error} for seed {seed}", "narrow the parameters"
        ) from error
    return names


def _unstated(template: NumericTemplate, prompt: str) -> str:
    """What keeps a candidate from answering `prompt`, or gives the answer away."""
    if not prompt:
        return ""
    told = {name for formula in _placeholders(prompt) for name in formula.names}
    if ANSWER in told:
        return "the prompt tells the answer"
    untold = sorted(parse_formula(template.formula).names - told)
    return f"the prompt never states the parameter `{untold[0]}`" if untold else ""


def _placeholders(text: str) -> Iterator[Formula]:
    return (parse_formula(match[1].partition(":")[0]) for match in _PLACEHOLDER.finditer(text))


def _fill_both(entry: NumericEntry, field: str, text: Text, names: Mapping[str, Number]) -> Text:
    filled = {}
    for language in ("en", "zh"):
        try:
            filled[language] = fill(getattr(text, language), names)
        except FormulaError as error:
            raise ContentError(entry.path, f"{field}.{language}", str(error), _PLACEHOLDER_FIX) from error
    return Text(**filled)


def _written(placeholder: str, names: Mapping[str, Number]) -> str:
    source, _, style = (part.strip() for part in placeholder.partition(":"))
    value = parse_formula(source).evaluate(names)
    if not style:
        return str(value) if isinstance(value, int) else f"{value:.6g}"
    if not _FORMAT.fullmatch(style) or (style.endswith("d") and not isinstance(value, int)):
        raise FormulaError(f"`{style}` does not format {value:.6g}")
    return format(value, style)
