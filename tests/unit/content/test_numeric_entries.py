"""Numeric entries: templates, what a seed draws, and texts that are filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.content.formula import FormulaError
from grader.content.numeric import RangeFields, draw, fill, instantiate
from grader.errors import ContentError
from grader.model.entry import Entry, Numeric, NumericEntry, NumericTemplate
from grader.model.text import Text

Freeze = Callable[[dict[str, Any]], Entry]
Edit = Callable[[dict[str, Any]], object]


def numeric(freeze: Freeze, value: dict[str, Any]) -> NumericEntry:
    entry = freeze(value)
    assert isinstance(entry, NumericEntry)
    return entry


def test_template_lists_all_values(template: dict[str, Any], freeze: Freeze) -> None:
    """A parameter is frozen as the values that it may have, both ends of a range among them."""
    found = numeric(freeze, template).numeric
    assert isinstance(found, NumericTemplate)
    assert found.parameters == {"layers": (24, 32), "tokens": (1024, 2048, 3072, 4096)}


def test_instance_is_a_plain_entry(template: dict[str, Any], freeze: Freeze) -> None:
    """A seed makes a plain number of a template, with texts that state what was drawn."""
    entry = numeric(freeze, template)
    assert isinstance(entry.numeric, NumericTemplate)
    drawn = draw(entry.numeric, "sample:7")
    made = instantiate(entry, 7)
    answer = 2 * drawn["layers"] * drawn["tokens"]
    assert made.numeric == Numeric(value=answer, rtol=0.01, atol=0.0, unit=Text.same("B"))
    assert made.prompt.zh == f"{drawn['layers']} 层，{drawn['tokens']} 个词元？"
    assert made.answer.en == f"{answer} bytes"


def test_plain_entry_comes_back_as_it_is(entry_of: Callable[[str], dict[str, Any]], freeze: Freeze) -> None:
    """A value needs no seed, and double braces in its text are text."""
    value = entry_of("numeric")
    value["prompt"]["en"] = "What is {{x}}?"
    entry = numeric(freeze, value)
    assert instantiate(entry, 1) is entry


def test_same_seed_gives_the_same_numbers(template: dict[str, Any], freeze: Freeze) -> None:
    """An instance can be made again from its seed."""
    entry = numeric(freeze, template)
    assert instantiate(entry, 3) == instantiate(entry, 3)


def test_seeds_reach_every_combination(template: dict[str, Any], freeze: Freeze) -> None:
    """All values of a parameter are drawn, independently of the other's."""
    entry = numeric(freeze, template)
    assert len({instantiate(entry, seed).prompt.en for seed in range(200)}) == 8


def test_another_parameter_moves_no_draw(template: dict[str, Any], freeze: Freeze) -> None:
    """Adding a parameter leaves what a seed draws for the others."""
    before = numeric(freeze, template).numeric
    template["numeric"]["parameters"]["extra"] = {"choices": [1, 2, 3]}
    after = numeric(freeze, template).numeric
    assert isinstance(before, NumericTemplate)
    assert isinstance(after, NumericTemplate)
    for seed in range(20):
        assert draw(before, f"s:{seed}").items() <= draw(after, f"s:{seed}").items()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{a}} and {{ a }}", "12000 and 12000"),
        ("{{a / 7}}", "1714.29"),
        ("{{a / 7:.2f}}", "1714.29"),
        ("{{a:,d}}", "12,000"),
        ("{{a:.2e}}", "1.20e+04"),
        ("{{b:.0%}}", "25%"),
        (r"$\frac{a}{b}$ {a}", r"$\frac{a}{b}$ {a}"),
    ],
)
def test_placeholders_are_formulas_with_a_format(text: str, filled: str) -> None:
    """A placeholder may compute, and may say how to write the number."""
    assert fill(text, {"a": 12000, "b": 0.25}) == filled


@pytest.mark.parametrize("text", ["{{c}}", "{{}}", "{{a:>10}}", "{{a:999999999d}}", "{{b:d}}", "{{a.real}}", "{{a!r}}"])
def test_other_placeholders_are_refused(text: str) -> None:
    """An unknown name, a wide format or anything but arithmetic is an error."""
    with pytest.raises(FormulaError):
        fill(text, {"a": 12000, "b": 0.25})


def _numeric(**change: Any) -> Edit:
    return lambda entry: entry["numeric"].update(change)


def _tokens(value: object) -> Edit:
    return lambda entry: entry["numeric"]["parameters"].update(tokens=value)


MISTAKES: list[tuple[str, Edit, str, str]] = [
    ("value and formula", _numeric(value=1), "numeric", "exactly one of the two"),
    ("neither", lambda e: e["numeric"].pop("formula"), "numeric", "exactly one of the two"),
    (
        "value with parameters",
        lambda e: (e["numeric"].pop("formula"), _numeric(value=1)(e)),
        "numeric.parameters",
        "fo",
    ),
    ("no formula", _numeric(formula="2 *"), "numeric.formula", "write arithmetic"),
    ("code", _numeric(formula="__import__('os')"), "numeric.formula", "write arithmetic"),
    ("unknown name", _numeric(formula="layer * tokens"), "numeric.formula", "correct the name"),
    (
        "reserved name",
        lambda e: e["numeric"]["parameters"].update(pi={"choices": [3]}),
        "numeric.parameters.pi",
        "another",
    ),
    (
        "answer as name",
        lambda e: e["numeric"]["parameters"].update(answer={"choices": [3]}),
        "numeric.parameters.answer",
        "a",
    ),
    ("both", _tokens({"choices": [1], "range": {"low": 1, "high": 2}}), "numeric.parameters.tokens", "exactly one"),
    ("neither of two", _tokens({}), "numeric.parameters.tokens", "exactly one"),
    ("no choices", _tokens({"choices": []}), "numeric.parameters.tokens.choices", "at least 1"),
    ("choice of text", _tokens({"choices": ["8"]}), "numeric.parameters.tokens.choices.0", "a number"),
    ("backwards", _tokens({"range": {"low": 2, "high": 1}}), "numeric.parameters.tokens.range.high", "larger"),
    ("step", _tokens({"range": {"low": 1, "high": 2, "step": 0}}), "numeric.parameters.tokens.range.step", "above 0"),
    (
        "many",
        _tokens({"range": {"low": 0, "high": 1, "step": 1e-9}}),
        "numeric.parameters.tokens.range.step",
        "at most",
    ),
    (
        "infinite",
        _tokens({"range": {"low": 0, "high": float("inf")}}),
        "numeric.parameters.tokens.range.high",
        "a number",
    ),
    ("no value", _numeric(formula="layers / (tokens - tokens)"), "numeric.formula", "parameters"),
    ("rtol", _numeric(rtol=-1), "numeric.rtol", "at least 0"),
    ("placeholder", lambda e: e["answer"].update(zh="{{answr}}"), "answer.zh", "between the braces"),
    ("broken placeholder", lambda e: e["prompt"].update(en="{{2 *}}"), "prompt.en", "between the braces"),
    (
        "unknown in prompt",
        lambda e: e["prompt"].update(en="{{layers + tokens + x}}"),
        "prompt.en",
        "between the braces",
    ),
    ("untold", lambda e: e["prompt"].update(zh="{{layers}} 层？"), "prompt.zh", "state every parameter"),
    ("told", lambda e: e["prompt"].update(en="{{layers}} {{tokens}} {{answer}}"), "prompt.en", "nothing more"),
]


@pytest.mark.parametrize(("edit", "field", "fix"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_mistake_is_named_with_its_fix(
    template: dict[str, Any], freeze: Freeze, edit: Edit, field: str, fix: str
) -> None:
    """Each mistake in a template is found when it is read."""
    edit(template)
    with pytest.raises(ContentError) as caught:
        freeze(template)
    assert caught.value.field == field
    assert fix in caught.value.fix


def test_formula_without_parameters_is_computed(entry_of: Callable[[str], dict[str, Any]], freeze: Freeze) -> None:
    """A formula may stand for a value, so that the computation is on record."""
    value = entry_of("numeric")
    value["numeric"] = {"formula": "2 * 3", "unit": "s"}
    made = instantiate(numeric(freeze, value), 0)
    assert isinstance(made.numeric, Numeric)
    assert made.numeric.value == 6


def test_steps_are_counted_in_decimal() -> None:
    """Three steps of 0.1 are 0.3, and the upper end is reached."""
    assert RangeFields(low=0, high=0.3, step=0.1).values() == (0.0, 0.1, 0.2, 0.3)


@given(st.integers(-100, 100), st.integers(1, 100), st.integers(1, 20))
def test_range_of_whole_numbers_is_pythons(low: int, span: int, step: int) -> None:
    """A range of whole numbers is Python's, upper end included."""
    found = RangeFields(low=low, high=low + span, step=step).values()
    assert found == tuple(range(low, low + span + 1, step))


@pytest.mark.parametrize(
    ("unit", "frozen"),
    [
        ("GiB", Text.same("GiB")),
        ({"en": "thousand users", "zh": "千名用户"}, Text(en="thousand users", zh="千名用户")),
        ("", Text.same("")),
    ],
)
def test_a_unit_is_a_symbol_or_words_in_both_languages(
    template: dict[str, Any], freeze: Freeze, unit: object, frozen: Text
) -> None:
    """One string is the same in both languages; a mapping has its own words for each."""
    made = numeric(freeze, {**template, "numeric": {**template["numeric"], "unit": unit}})
    assert isinstance(made, NumericEntry)
    assert made.numeric.unit == frozen


@pytest.mark.parametrize(
    ("unit", "field"),
    [
        ({"en": "users"}, "numeric.unit.zh"),
        ({"en": "users", "de": "Nutzer"}, "numeric.unit.de"),
        (3, "numeric.unit"),
        ({}, "numeric.unit"),
    ],
)
def test_half_a_unit_is_refused(template: dict[str, Any], freeze: Freeze, unit: object, field: str) -> None:
    """A language that is missing, another language, or no text is reported at its place."""
    with pytest.raises(ContentError) as caught:
        numeric(freeze, {**template, "numeric": {**template["numeric"], "unit": unit}})
    assert caught.value.field == field
