"""The shipped bank as a whole: sound, covered, and even in both languages."""

from __future__ import annotations

from functools import cache

import pytest

from grader.content.bank_check import BankReport, check_bank
from grader.content.coverage import measure_coverage
from grader.content.glossary import read_glossary
from grader.content.pack import Pack, builtin_pack_root
from grader.model.coverage import KINDS, LEVELS

PACK = Pack(builtin_pack_root())


@cache
def report() -> BankReport:
    return check_bank(PACK)


def test_the_bank_has_no_problems() -> None:
    """`viva check` finds nothing that must be mended."""
    assert report().problems == ()


def test_the_bank_is_large() -> None:
    """There are at least 150 active entries."""
    assert sum(entry.status == "active" for entry in PACK.entries()) >= 150


def test_every_topic_is_covered() -> None:
    """Each topic has an open entry and one that grades itself, and each exercise an entry that leads to it."""
    covered = measure_coverage(PACK.syllabus.areas, PACK.entries(), PACK.slugs)
    assert {one.topic: one.lacks for one in covered if one.lacks} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_there(kind: str) -> None:
    """Each kind of entry is used."""
    assert [entry for entry in PACK.entries() if entry.kind == kind]


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_there(level: str) -> None:
    """Each level has at least a twentieth of the entries."""
    entries = list(PACK.entries())
    assert sum(entry.level == level for entry in entries) >= len(entries) / 20


def test_the_glossary_is_kept_to() -> None:
    """No Chinese text uses a rendering that the glossary advises against."""
    assert [warning for warning in report().warnings if "the glossary has" in warning] == []


def test_the_spelling_is_american_and_percent_signs_follow_their_numbers() -> None:
    """`viva check` has nothing to say about either."""
    said = [warning for warning in report().warnings if "is British" in warning or "percent sign" in warning]
    assert said == []


def test_no_point_is_ticked_by_its_prompt_or_by_an_error() -> None:
    """Who repeats the question has said nothing yet, and a red flag is what must not be credited."""
    assert [warning for warning in report().warnings if "ticks it" in warning] == []


def test_the_glossary_has_the_fields_terms() -> None:
    """The glossary covers the field, and no term is there twice."""
    terms = [term.english for term in read_glossary(PACK.root)]
    assert len(terms) >= 120
    assert len(terms) == len(set(terms))
