"""Entries as Markdown and as JSON: complete for an interviewer, and silent for a candidate."""

from __future__ import annotations

import json

import pytest

from grader.model.text import Lang
from grader.report.entry_markdown import entry_document, item, shuffled, tolerance
from grader.report.entry_record import entry_head, entry_record
from tests.fakes.entries import KINDS, SECRETS, STEPS, entry


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_candidate_is_told_no_answer(kind: str, lang: Lang) -> None:
    """Without answers neither document nor record holds anything that gives the answer away."""
    one = entry(kind)
    shown = entry_document(one, lang, answers=False) + json.dumps(entry_record(one, answers=False), ensure_ascii=False)
    assert not [secret for secret in (*SECRETS, '"correct"', "0.125", "✓") if secret in shown]


@pytest.mark.parametrize("kind", KINDS)
def test_an_interviewer_is_told_everything(kind: str) -> None:
    """With answers the document holds each text that the entry has."""
    one = entry(kind)
    shown = entry_document(one, "en", answers=True)
    expected = {"THE-ANSWER", "THE-FLAG", "THE-NEXT", "THE-HINT", "THE-SOURCE"}
    expected |= {"THE-POINT"} if hasattr(one, "rubric") else set()
    expected |= {"THE-WHY a", "THE-WHY b"} if getattr(one, "choices", ()) else set()
    assert not [text for text in expected if text not in shown]


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_speaks_one_language(kind: str) -> None:
    """A Chinese document has no English heading or phrase of ours."""
    shown = entry_document(entry(kind), "zh", answers=True)
    assert "中文：THE-ANSWER" in shown
    assert not [word for word in ("Answer", "Rubric", "Hints", "right", "wrong", "minutes") if word in shown]


def test_the_key_names_the_right_choice() -> None:
    """The key marks right and wrong choices with their reasons."""
    shown = entry_document(entry("choice"), "en", answers=True)
    assert "✓ **b** right: THE-WHY b" in shown
    assert "✗ **a** wrong: THE-WHY a" in shown


def test_steps_are_offered_in_another_order() -> None:
    """The steps of a question are never in the right order, and always in the same one."""
    assert shuffled(STEPS, "x") == shuffled(STEPS, "x")
    assert all(shuffled(STEPS[:2], str(n)) != STEPS[:2] for n in range(20))


def test_a_seed_is_named() -> None:
    """Numbers that were drawn can be drawn again: the document and the record name their seed."""
    assert "seed 7" in entry_document(entry("numeric"), "en", answers=False, seed=7)
    assert entry_record(entry("numeric"), answers=False, seed=7)["seed"] == 7


def test_a_draft_says_so() -> None:
    """The status is told where it is not the usual one."""
    assert "draft" in entry_document(entry("open", status="draft"), "en", answers=False)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("choice", {"correct": ["b"]}),
        ("multi", {"correct": ["a", "b"]}),
        ("numeric", {"value": 0.125}),
        ("order", {"order": ["load", "shuffle", "split", "fit", "score"]}),
        ("open", None),
    ],
)
def test_the_record_has_the_key(kind: str, key: dict[str, object] | None) -> None:
    """JSON with answers tells a machine what is right."""
    found = entry_record(entry(kind), answers=True)["key"]
    assert found is None if key is None else key.items() <= found.items()


def test_a_head_is_part_of_the_record() -> None:
    """What a list tells of an entry is told by the whole record too."""
    one = entry("open")
    assert entry_head(one).items() <= entry_record(one, answers=True).items()


def test_an_item_holds_all_its_lines() -> None:
    """Lines after the first are indented, so that they belong to the item."""
    assert item("1. ", "a\n\n```\nb\n```") == "1. a\n   \n   ```\n   b\n   ```"


@pytest.mark.parametrize(
    ("rtol", "atol", "english", "chinese"),
    [
        (0.01, 0.0, "±1% is close enough", "允许误差 ±1%"),
        (0.0, 0.5, "±0.5 is close enough", "允许误差 ±0.5"),
        (0.02, 3.0, "±2% + ±3 is close enough", "允许误差 ±2% + ±3"),
        (0.0, 0.0, "only the exact number counts", "数值须完全正确"),
    ],
)
def test_tolerance_is_told(rtol: float, atol: float, english: str, chinese: str) -> None:
    """A person is told how close is close enough."""
    from grader.model.entry import Numeric

    numeric = Numeric(value=1, rtol=rtol, atol=atol)
    assert (tolerance(numeric, "en"), tolerance(numeric, "zh")) == (english, chinese)
