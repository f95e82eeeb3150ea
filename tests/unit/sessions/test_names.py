"""Whom a name on a rubric means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.sessions.names import find_names, stranger
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
    """A misspelt name is told with the near one; known names and sessions without archives say nothing."""
    ada = replace(ATTEMPT, candidate="Ada Okafor", name="Ada")
    said = stranger("Ada Okafer", [ada])
    assert said is not None
    assert "did you mean Ada Okafor?" in said.en
    assert "Ada Okafor" in said.zh
    unlike = stranger("Zoë", [ada])
    assert unlike is not None
    assert "did you mean" not in unlike.en
    assert (stranger("ada", [ada]), stranger("Ada Okafer", [])) == (None, None)
