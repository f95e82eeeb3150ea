"""A folder that somebody handed in may say of itself what it likes: it chooses no suite that is run as ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader.cli.target import find_target
from grader.content.pack import builtin_pack_root
from grader.practice.workspace import SCHEMA, STATE


def test_a_folder_cannot_bring_its_own_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.viva.json` names a pack beside the submission; the exercise is that of our own pack all the same."""
    returned = tmp_path / "returned"
    for half in ("exercises", "reference"):
        shutil.copytree(builtin_pack_root() / half / "f1_auc", returned / "evil" / half / "f1_auc")
    state = {"schema": SCHEMA, "exercise": "f1_auc", "packs": [str(returned / "evil")]}
    (returned / STATE).write_text(json.dumps(state), encoding="utf-8")
    (returned / "solution.py").write_text("x = 1\n", encoding="utf-8")
    for words, folder in (((str(returned),), tmp_path), ((), returned)):
        monkeypatch.chdir(folder)
        found = find_target(words)
        assert found.packs == ()
        assert found.exercise.hidden_suite.is_relative_to(builtin_pack_root())
