"""`accept` hints of the bank, held against what people say: a right answer ticks its point, a wrong one ticks none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.content.pack import Pack, builtin_pack_root
from grader.model.accept import occurs, parts
from grader.model.entry import BugEntry, CodeEntry, Criterion, Entry, OpenEntry

PACK = Pack(builtin_pack_root())
SAID: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
    (Path(__file__).parent / "paraphrases.yaml").read_text(encoding="utf-8")
)
LANGUAGES = ("en", "zh")
WRONG = "wrong"
PER_HINT = 3


def hints_of(name: str) -> dict[str, tuple[str, ...]]:
    """The patterns of each criterion of an entry."""
    return {criterion.id: criterion.accept for criterion in rubric_of(PACK.entry(name))}


def rubric_of(entry: Entry) -> tuple[Criterion, ...]:
    """What is listened for in an answer; other kinds have nothing of it."""
    return entry.rubric if isinstance(entry, BugEntry | CodeEntry | OpenEntry) else ()


def test_every_entry_with_a_rubric_is_held_against_what_people_say() -> None:
    """Each has three right answers for each criterion and three wrong ones, in both languages, and leaves none out."""
    assert SAID.keys() == {entry.id for entry in PACK.entries() if entry.status == "active" and rubric_of(entry)}
    for name, said in SAID.items():
        assert said.keys() == {WRONG, *hints_of(name)}, name
        counts = {len(texts[lang]) for texts in said.values() for lang in LANGUAGES}
        assert min(counts) >= PER_HINT, name


@pytest.mark.parametrize("name", SAID)
def test_a_hint_needs_two_words(name: str) -> None:
    """One word is in a wrong answer as often as in a right one."""
    lonely = [pattern for patterns in hints_of(name).values() for pattern in patterns if len(parts(pattern)) < 2]
    assert not lonely


@pytest.mark.parametrize("name", SAID)
def test_a_right_answer_ticks_its_point(name: str) -> None:
    """Whatever words it is said in, in either language."""
    hints = hints_of(name)
    missed = [
        (criterion, text)
        for criterion, texts in SAID[name].items()
        if criterion != WRONG
        for lang in LANGUAGES
        for text in texts[lang]
        if not ticks(hints[criterion], text)
    ]
    assert not missed


@pytest.mark.parametrize("name", SAID)
def test_a_wrong_answer_ticks_nothing(name: str) -> None:
    """Not even one that speaks of the same things."""
    credited = [
        (criterion, text)
        for criterion, patterns in hints_of(name).items()
        for lang in LANGUAGES
        for text in SAID[name][WRONG][lang]
        if ticks(patterns, text)
    ]
    assert not credited


@pytest.mark.parametrize(
    ("patterns", "text", "is_ticked"),
    [
        (("smote",), "SMOTE brings the last bit.", True),
        (("smote & fold",), "SMOTE brings the last bit.", False),
        (("smote & fold",), "Use SMOTE inside the fold.", True),
    ],
)
def test_a_hint_of_one_word_would_be_noticed(patterns: tuple[str, ...], text: str, *, is_ticked: bool) -> None:
    """What these tests ask can fail: one word ticks a wrong answer, two do not."""
    assert ticks(patterns, text) is is_ticked


def ticks(patterns: Any, text: str) -> bool:
    """Whether an answer ticks the point of these patterns."""
    return any(occurs(pattern, text) for pattern in patterns)
