"""Progress as a document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model.progress import Solved
from grader.practice.exchange import export, import_into
from grader.practice.history import take_in
from tests.fakes.practice import MemoryProgress
from tests.unit.store.test_stored_progress import FIRST, LATER

Edit = Callable[[dict[str, Any]], object]
FILE = Path("kept.json")


def full() -> MemoryProgress:
    """Two answers and a solved exercise."""
    store = MemoryProgress()
    store.record(FIRST, take_in)
    store.record(LATER, take_in)
    store.mark_solved(Solved(exercise="smote", version=2, at=datetime(2026, 11, 22, 8, tzinfo=UTC)))
    return store


def test_what_is_exported_comes_back() -> None:
    """History, memories, abilities and solved exercises are the same in another store."""
    one, other = full(), MemoryProgress()
    assert import_into(other, export(one), FILE) == 2
    for read in (MemoryProgress.answers, MemoryProgress.memories, MemoryProgress.abilities, MemoryProgress.solved):
        assert read(other) == read(one)


def test_importing_twice_changes_nothing() -> None:
    """Answers are known by their uid."""
    store = full()
    assert import_into(store, export(store), FILE) == 0
    assert len(store.answers()) == 2


def test_an_empty_history_can_be_exported() -> None:
    """The document of nothing is one."""
    assert import_into(MemoryProgress(), export(MemoryProgress()), FILE) == 0


def _set(field: str, value: Any) -> Edit:
    return lambda document: document["answers"][1].update({field: value})


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (lambda d: d.update(schema="viva.progress/9"), "schema"),
        (lambda d: d.pop("answers"), "answers"),
        (lambda d: d.update(solved={}), "solved"),
        (lambda d: d["answers"].append(3), "answers.2"),
        (lambda d: d["answers"][0].pop("uid"), "answers.0"),
        (lambda d: d["answers"][0].update(more=1), "answers.0"),
        (_set("score", 1.5), "answers.1.score"),
        (_set("score", "1"), "answers.1.score"),
        (_set("score", float("nan")), "answers.1.score"),
        (_set("kind", "essay"), "answers.1.kind"),
        (_set("rating", 5), "answers.1.rating"),
        (_set("at", "2026-11-22T10:00:00"), "answers.1.at"),
        (_set("at", 3), "answers.1.at"),
        (_set("day", "9999-12-31"), "answers.1.day"),
        (_set("difficulty", 3.5), "answers.1.difficulty"),
        (_set("self_assessed", 1), "answers.1.self_assessed"),
        (_set("seed", 2**63), "answers.1.seed"),
        (lambda d: d["solved"][0].update(version=0), "solved.0.version"),
    ],
)
def test_a_broken_document_changes_nothing(edit: Edit, place: str) -> None:
    """The sentence names the file and the place; the store is as it was."""
    document = json.loads(export(full()))
    edit(document)
    store = MemoryProgress()
    with pytest.raises(UsageError, match=rf"kept\.json: {place.replace('.', '[.]')}\b"):
        import_into(store, json.dumps(document), FILE)
    assert store.answers() == []


@pytest.mark.parametrize("text", ["", "[1", "[]", "3", '"x"', "[" * 100_000])
def test_what_is_no_document(text: str) -> None:
    """Anything but an exported document is refused with the file's name."""
    with pytest.raises(UsageError, match=r"kept\.json"):
        import_into(MemoryProgress(), text, FILE)


def test_a_clock_that_lost_its_battery() -> None:
    """What was answered in 1970 is exported and imported like anything else."""
    store, other = MemoryProgress(), MemoryProgress()
    store.record(replace(FIRST, day=date(1969, 12, 31)), take_in)
    assert import_into(other, export(store), FILE) == 1
    assert other.answers() == store.answers()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "9999-12-31T23:59:59-23:00"),
        ("at", "0001-01-01T00:00:00+23:00"),
        ("day", "9999-12-31"),
        ("uid", "\ud800"),
        ("entry", "a\udfffb"),
        ("topic", "\udc80"),
        ("given", "\ud83d"),
        ("seconds", 1e400),
        ("score", float("nan")),
    ],
)
def test_what_no_store_can_hold_is_refused(field: str, value: Any) -> None:
    """A date beyond the calendar, half of a character, a number without end."""
    store = full()
    before = export(store)
    document = json.loads(before)
    document["answers"][1][field] = value
    with pytest.raises(UsageError, match=field):
        import_into(store, json.dumps(document), FILE)
    assert export(store) == before


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=()), max_size=8),
    st.datetimes().map(lambda moment: moment.isoformat() + "+23:59"),
    st.dates().map(str),
)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def _refusal(store: MemoryProgress, text: str) -> str:
    """What an import has against a text; empty when it is taken."""
    try:
        import_into(store, text, FILE)
    except UsageError as error:
        return str(error)
    return ""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_document_is_taken_or_refused_in_one_sentence(data: st.DataObject) -> None:
    """Whatever becomes of a field, nothing but UsageError comes out, and then nothing has changed."""
    store = full()
    before = export(store)
    document = json.loads(before)
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.sampled_from(["answers", "solved"]))
        item = data.draw(st.sampled_from(document[where]))
        item[data.draw(st.sampled_from(sorted(item)))] = data.draw(_VALUES)
    says = _refusal(store, json.dumps(document))
    assert "\n" not in says.encode().decode()
    assert not says or export(store) == before
    assert export(store).encode()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_in_one_sentence(data: st.DataObject) -> None:
    """Cut, doubled or overwritten anywhere."""
    text = export(full())
    at = data.draw(st.integers(0, len(text)))
    odd = st.sampled_from(["[" * 100_000, "1" * 5000])
    inserted = data.draw(st.text(st.characters(exclude_categories=()), max_size=6) | odd)
    store = full()
    says = _refusal(store, text[:at] + inserted + text[at + data.draw(st.integers(0, 50)) :])
    assert "\n" not in says
    assert not says or export(store) == text
