"""Entries: every kind reads to its own class, and refuses what belongs to another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from grader.content.entry import KINDS, freeze_entry, read_entry
from grader.content.yaml_source import parse_document
from grader.errors import ContentError
from grader.model.entry import (
    BugEntry,
    ChoiceEntry,
    CodeEntry,
    Entry,
    Numeric,
    NumericEntry,
    OpenEntry,
    OrderEntry,
)
from grader.model.text import Text

EntryOf = Callable[[str], dict[str, Any]]
Freeze = Callable[[dict[str, Any]], Entry]
CLASSES = {
    "open": OpenEntry,
    "choice": ChoiceEntry,
    "multi": ChoiceEntry,
    "numeric": NumericEntry,
    "order": OrderEntry,
    "bug": BugEntry,
    "code": CodeEntry,
}


def refusal(freeze: Freeze, value: dict[str, Any]) -> ContentError:
    with pytest.raises(ContentError) as caught:
        freeze(value)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_class(entry_of: EntryOf, freeze: Freeze, kind: str) -> None:
    """A valid entry of each kind reads to the class of that kind."""
    entry = freeze(entry_of(kind))
    assert type(entry) is CLASSES[kind]
    assert entry.kind == kind


def test_shared_fields_are_those_of_the_file(entry_of: EntryOf, freeze: Freeze) -> None:
    """What every kind has is read as written."""
    value = entry_of("open")
    value["hints"] = [{"text": {"en": "Hm", "zh": "嗯"}}]
    value["follow_ups"] = [{"when": "strong", "text": {"en": "And?", "zh": "然后呢？"}}]
    entry = freeze(value)
    assert (entry.id, entry.verified, entry.hints[0].zh) == ("sample", date(2026, 11, 22), "嗯")
    assert entry.follow_ups[0].when == "strong"


def test_rubric_keeps_weights_and_patterns(entry_of: EntryOf, freeze: Freeze) -> None:
    """A rubric is read in order, with its weights and patterns."""
    entry = freeze(entry_of("open"))
    assert isinstance(entry, OpenEntry)
    assert [(criterion.weight, criterion.accept) for criterion in entry.rubric] == [
        (0.6, ("varian(ce|z)", "方差")),
        (0.4, ()),
    ]


def test_steps_keep_their_order(entry_of: EntryOf, freeze: Freeze) -> None:
    """The order of the file is the right order."""
    entry = freeze(entry_of("order"))
    assert isinstance(entry, OrderEntry)
    assert [step.id for step in entry.steps] == ["zero", "backward", "step"]


def test_bug_may_be_mended_in_an_exercise(entry_of: EntryOf, freeze: Freeze) -> None:
    """A bug that is planted in an exercise needs no choices."""
    value = entry_of("bug")
    del value["choices"]
    value |= {"exercise": "mean", "mutant": "off_by_one"}
    entry = freeze(value)
    assert isinstance(entry, BugEntry)
    assert (entry.choices, entry.exercise, entry.mutant) == ((), "mean", "off_by_one")


@pytest.mark.parametrize("change", [{"exercise": "mean", "mutant": "off_by_one"}, {"choices": None}])
def test_bug_is_graded_in_one_way(entry_of: EntryOf, freeze: Freeze, change: dict[str, Any]) -> None:
    """A bug with both ways of grading, or with none, is refused."""
    error = refusal(freeze, {**entry_of("bug"), **change})
    assert error.problem.endswith("it needs either `choices`, or `exercise` and `mutant`")


@pytest.mark.parametrize(("given", "lacks"), [("exercise", "mutant"), ("mutant", "exercise")])
def test_exercise_and_mutant_come_together(entry_of: EntryOf, freeze: Freeze, given: str, lacks: str) -> None:
    """A bug that names only one of exercise and mutant is refused by the name of the other."""
    error = refusal(freeze, {**entry_of("bug"), given: "mean"})
    assert (error.field, error.fix) == (lacks, "write both `exercise` and `mutant`")


def test_only_a_bug_names_a_mutant(entry_of: EntryOf, freeze: Freeze) -> None:
    """A mutant in an entry of kind code is a sign of the wrong kind."""
    error = refusal(freeze, {**entry_of("code"), "mutant": "off_by_one"})
    assert (error.field, error.fix) == ("mutant", "remove it, or change the kind to bug")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_needs_its_own_fields(entry_of: EntryOf, freeze: Freeze, kind: str) -> None:
    """An entry without what its kind is about is refused."""
    own = {"open": "rubric", "numeric": "numeric", "order": "steps", "bug": "rubric", "code": "exercise"}
    name = own.get(kind, "choices")
    value = entry_of(kind)
    del value[name]
    error = refusal(freeze, value)
    assert (error.field, error.fix) == (name, f"write `{name}: …`")


@pytest.mark.parametrize(
    ("kind", "name", "owners"),
    [
        ("open", "choices", "choice or multi or bug"),
        ("choice", "rubric", "open or bug or code"),
        ("code", "steps", "order"),
    ],
)
def test_field_of_another_kind_names_that_kind(
    entry_of: EntryOf, freeze: Freeze, kind: str, name: str, owners: str
) -> None:
    """A field that only other kinds have is refused with their names."""
    error = refusal(freeze, {**entry_of(kind), name: []})
    assert error.field == name
    assert error.fix == f"remove it, or change the kind to {owners}"


@pytest.mark.parametrize(
    ("kind", "fix"), [(None, "one of open"), ("chioce", "did you mean `choice`?"), (7, "one of open"), ([], "one of")]
)
def test_unknown_kind_is_refused(entry_of: EntryOf, freeze: Freeze, kind: object, fix: str) -> None:
    """A kind that there is not is refused with the nearest, or with all."""
    error = refusal(freeze, {**entry_of("open"), "kind": kind})
    assert error.field == "kind"
    assert fix in error.fix


def _weights(*weights: float) -> list[dict[str, Any]]:
    return [{"id": f"c{n}", "weight": w, "text": {"en": "x", "zh": "某"}} for n, w in enumerate(weights)]


@pytest.mark.parametrize("weights", [(0.5, 0.4), (0.7, 0.4), (1.0, 0.1)])
def test_weights_must_sum_to_one(entry_of: EntryOf, freeze: Freeze, weights: tuple[float, ...]) -> None:
    """A rubric whose weights are off is refused with what they sum to."""
    error = refusal(freeze, {**entry_of("open"), "rubric": _weights(*weights)})
    assert error.field == "rubric"
    assert f"sum to {sum(weights):g}" in error.problem


def test_weights_may_sum_to_one_in_floating_point(entry_of: EntryOf, freeze: Freeze) -> None:
    """Ten times 0.1 is 1."""
    entry = freeze({**entry_of("open"), "rubric": _weights(*[0.1] * 10)})
    assert isinstance(entry, OpenEntry)
    assert len(entry.rubric) == 10


@pytest.mark.parametrize("weight", [0, -0.5, 1.5, "1", True])
def test_weight_is_a_share(entry_of: EntryOf, freeze: Freeze, weight: object) -> None:
    """A weight is a number above 0, at most 1."""
    value = entry_of("open")
    value["rubric"][0]["weight"] = weight
    assert refusal(freeze, value).field == "rubric.0.weight"


def test_pattern_must_compile(entry_of: EntryOf, freeze: Freeze) -> None:
    """A broken regular expression is found when the entry is read."""
    value = entry_of("open")
    value["rubric"][1]["accept"] = ["fine", "(open"]
    error = refusal(freeze, value)
    assert error.field == "rubric.1.accept.1"
    assert "regular expression" in error.problem


@pytest.mark.parametrize(
    "pattern", ["(?<!a)b", "(?=a)b", r"(a)\1", "(((x{99}){99}){99})", "x" * 2000, "a & ", "a & b & c & d & e"]
)
def test_pattern_that_would_cost_more_than_its_text_is_refused(entry_of: EntryOf, freeze: Freeze, pattern: str) -> None:
    """Look-around, references and programs without end are not of the dialect."""
    value = entry_of("open")
    value["rubric"][1]["accept"] = [pattern]
    assert refusal(freeze, value).field == "rubric.1.accept.0"


@pytest.mark.parametrize("kind", ["choice", "bug"])
@pytest.mark.parametrize("right", [0, 2, 3])
def test_choice_has_exactly_one_right_answer(entry_of: EntryOf, freeze: Freeze, kind: str, right: int) -> None:
    """None or several correct choices are refused with their count."""
    value = entry_of(kind)
    for index, choice in enumerate(value["choices"]):
        choice.update(correct=index < right)
        choice.setdefault("why", {"en": "Why.", "zh": "理由。"})
    error = refusal(freeze, value)
    assert (error.field, error.fix) == ("choices", "write `correct: true` on exactly one")
    assert f"{right} of 3" in error.problem


@pytest.mark.parametrize("right", [0, 3])
def test_multi_has_right_and_wrong_answers(entry_of: EntryOf, freeze: Freeze, right: int) -> None:
    """All or no choices correct is no question."""
    value = entry_of("multi")
    for index, choice in enumerate(value["choices"]):
        choice.update(correct=index < right)
        choice.setdefault("why", {"en": "Why.", "zh": "理由。"})
    assert refusal(freeze, value).field == "choices"


def test_wrong_choice_says_why(entry_of: EntryOf, freeze: Freeze) -> None:
    """A wrong choice without a reason is refused."""
    value = entry_of("choice")
    del value["choices"][2]["why"]
    error = refusal(freeze, value)
    assert error.field == "choices.2.why"


@pytest.mark.parametrize(("kind", "name"), [("open", "rubric"), ("choice", "choices"), ("order", "steps")])
def test_ids_of_parts_differ(entry_of: EntryOf, freeze: Freeze, kind: str, name: str) -> None:
    """Two parts with one id cannot be told apart."""
    value = entry_of(kind)
    value[name][1]["id"] = value[name][0]["id"]
    error = refusal(freeze, value)
    assert error.field == f"{name}.1.id"


def test_numeric_id_of_a_choice_needs_quotes(entry_of: EntryOf, freeze: Freeze) -> None:
    """`id: 1` is a number; the message says to quote it."""
    value = entry_of("choice")
    value["choices"][0]["id"] = 1
    assert "in quotes" in refusal(freeze, value).fix


@pytest.mark.parametrize("place", ["title", "prompt", "answer"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_active_entry_has_both_languages(entry_of: EntryOf, freeze: Freeze, place: str, language: str) -> None:
    """An active entry without one language is refused at that text."""
    value = entry_of("open")
    del value[place][language]
    assert refusal(freeze, value).field == f"{place}.{language}"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("open", ["rubric", 0, "text"]),
        ("choice", ["choices", 1, "why"]),
        ("order", ["steps", 2, "text"]),
    ],
)
def test_languages_are_looked_for_in_every_part(
    entry_of: EntryOf, freeze: Freeze, kind: str, path: list[str | int]
) -> None:
    """A language that is missing deep inside is found there."""
    value = entry_of(kind)
    text: Any = value
    for part in path:
        text = text[part]
    del text["zh"]
    assert refusal(freeze, value).field == ".".join(map(str, path)) + ".zh"


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_only_active_entries_need_both_languages(entry_of: EntryOf, freeze: Freeze, status: str) -> None:
    """A draft in one language loads."""
    value = {**entry_of("open"), "status": status}
    del value["prompt"]["zh"]
    assert freeze(value).prompt.zh == ""


@pytest.mark.parametrize(
    ("change", "field", "fix"),
    [
        ({"id": "Attention"}, "id", "kebab-case"),
        ({"id": "two__parts"}, "id", "kebab-case"),
        ({"id": "x" * 65}, "id", "64 characters"),
        ({"verified": "22.11.2026"}, "verified", "2026-11-22"),
        ({"verified": "2026-02-30"}, "verified", "2026-11-22"),
        ({"verified": "2026-11-22T00:00:00"}, "verified", "2026-11-22"),
        ({"verified": 2026}, "verified", "2026-11-22"),
        ({"revision": 0}, "revision", "at least 1"),
        ({"minutes": 0}, "minutes", "at least 1"),
        (
            {"follow_ups": [{"when": "good", "text": {"en": "x", "zh": "某"}}]},
            "follow_ups.0.when",
            "`strong` or `weak`",
        ),
        ({"red_flags": ["bad"]}, "red_flags.0", "write a mapping with `text`"),
        ({"red_flags": {"text": "bad"}}, "red_flags", "a list"),
        ({"licence": "MIT"}, "licence", "did you mean `license`?"),
    ],
)
def test_mistake_in_a_shared_field(
    entry_of: EntryOf, freeze: Freeze, change: dict[str, Any], field: str, fix: str
) -> None:
    """Each mistake is reported at its field with its fix."""
    error = refusal(freeze, {**entry_of("open"), **change})
    assert error.field == field
    assert fix in error.fix


@pytest.mark.parametrize(
    ("given", "right"), [(0.125, True), (0.1262, True), (0.1264, False), (float("nan"), False), (float("inf"), False)]
)
def test_number_is_right_within_its_tolerance(given: float, right: bool) -> None:
    """A given number is right when it is within atol + rtol * |value|."""
    assert Numeric(value=0.125, rtol=0.01, atol=0.0, unit=Text.same("ms")).accepts(given) is right


def test_line_in_the_message_is_that_of_the_mistake() -> None:
    """The message leads to the line in an editor."""
    text = "kind: order\nsteps:\n  - id: a\n    text: {en: x, zh: 某}\n  - id: B!\n"
    with pytest.raises(ContentError) as caught:
        freeze_entry(parse_document(Path("x.yaml"), text))
    everything = "\n".join([str(caught.value), *caught.value.__notes__])
    assert "x.yaml: steps.1.id: line 5: found" in everything


def test_id_must_be_the_files_name(pack_root: Path) -> None:
    """An entry that was renamed without its id is refused."""
    path = pack_root / "bank" / "architecture" / "sample.yaml"
    renamed = path.rename(path.with_name("other.yaml"))
    with pytest.raises(ContentError, match=r"found `sample` in the file `other\.yaml`"):
        read_entry(renamed)


def test_digest_is_kept(pack_root: Path) -> None:
    """An entry knows its file and the digest of it."""
    path = pack_root / "bank" / "architecture" / "sample.yaml"
    entry = read_entry(path)
    assert entry.path == path
    assert entry.digest.startswith("sha256:")


def test_entry_is_frozen(entry_of: EntryOf, freeze: Freeze) -> None:
    """An entry that was read cannot be changed."""
    entry = freeze(copy.deepcopy(entry_of("open")))
    with pytest.raises(AttributeError):
        entry.minutes = 1  # type: ignore[misc]
