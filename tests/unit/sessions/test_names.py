"""Whom a name on a rubric means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.sessions.names import find_names, nearest, stranger
from tests.unit.sessions.test_ledger import ATTEMPT

PEOPLE = [("Ada Okafor", "ada"), ("file-2", "Bo"), ("Mallory", "Ada Okafor")]


@pytest.mark.parametrize(("name", "key"), [("ada", "Ada Okafor"), ("bo", "file-2"), ("ada okafor", "Ada Okafor")])
def test_a_name_means_a_key(name: str, key: str) -> None:
    """A file's name or an own name means its candidate; who calls themselves as another is called wins nothing."""
    assert find_names(PEOPLE)[name] == key


def test_a_shared_name_means_nobody() -> None:
    """Two who call themselves the same are told apart by their files only."""
    assert set(find_names([("a", "Sam"), ("b", "SAM ")])) == {"a", "b"}


def test_a_strange_name_is_told() -> None:
    """A name that nobody has is told; known names and sessions without archives say nothing."""
    ada = replace(ATTEMPT, candidate="Ada Okafor", name="Ada")
    assert stranger("Zoë", [ada]) is not None
    assert (stranger("ada", [ada]), stranger("Ada Okafer", [])) == (None, None)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Ada Okafer", "Ada Okafor"),
        ("ada_okafor", "Ada Okafor"),
        ("AdaOkafor", "Ada Okafor"),
        ("Zoë", ""),
        ("ada okafor", ""),
        ("candidate 4", ""),
        ("candidate-3", "candidate 3"),
        ("★", ""),
    ],
)
def test_a_near_name_is_found(name: str, near: str) -> None:
    """A misspelt name is near; one that is known, one of somebody else, and one with another number are not."""
    people = [replace(ATTEMPT, candidate=key, name="") for key in ("Ada Okafor", "candidate 3", "☆")]
    assert nearest(name, people) == near
