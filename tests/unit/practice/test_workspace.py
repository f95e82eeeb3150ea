"""What a folder remembers of the exercise that it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.practice.workspace import STATE, remembered, workspace_around, workspace_at


def test_what_was_written_is_found_again(tmp_path: Path) -> None:
    """The exercise, and the file that is graded."""
    (tmp_path / STATE).write_text(remembered("f1_auc"), encoding="utf-8")
    found = workspace_at(tmp_path)
    assert found is not None
    assert (found.exercise, found.planted) == ("f1_auc", None)
    assert found.solution == tmp_path / "solution.py"


def test_a_folder_below_belongs_to_it(tmp_path: Path) -> None:
    """Who makes folders in a workspace is still in it."""
    (tmp_path / STATE).write_text(remembered("smote"), encoding="utf-8")
    below = tmp_path / "notes" / "today"
    below.mkdir(parents=True)
    found = workspace_around(below)
    assert found is not None
    assert found.folder == tmp_path


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": "other/1", "exercise": "f1_auc"}', '{"schema": "viva.workspace/1"}', "[" * 9999]
)
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """A folder whose file somebody has changed is a folder like any other."""
    (tmp_path / STATE).write_text(text, encoding="utf-8")
    assert workspace_at(tmp_path) is None


def test_a_folder_names_no_pack(tmp_path: Path) -> None:
    """It may come from a stranger, whose pack would be run as ours: what it says of packs is not read."""
    text = '{"schema": "viva.workspace/1", "exercise": "f1_auc", "planted": "abc", "seed": 3, "packs": ["/evil"]}'
    (tmp_path / STATE).write_text(text, encoding="utf-8")
    found = workspace_at(tmp_path)
    assert found is not None
    assert found.planted == "abc"
    assert not hasattr(found, "packs")
