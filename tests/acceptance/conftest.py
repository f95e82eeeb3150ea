"""Runs the real command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.content.pack import load_exercise

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


def write_mutant(slug: str, mutant_id: str, path: Path) -> Path:
    """Write a known wrong submission to `path`."""
    (mutant,) = (mutant for mutant in load_exercise(ROOT, slug).mutants if mutant.id == mutant_id)
    path.write_text(mutant.source, encoding="utf-8")
    return path


@pytest.fixture
def viva(tmp_path: Path) -> Run:
    """`viva(*arguments)`, run in an empty folder; its result has returncode, stdout and stderr."""

    def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.run(command, cwd=cwd or tmp_path, capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture
def solution() -> Path:
    """A right submission for f1_auc."""
    return ROOT / "reference" / "f1_auc" / "solution.py"


@pytest.fixture
def mutant(tmp_path: Path) -> Path:
    """A wrong submission for f1_auc whose mistake is known."""
    return write_mutant("f1_auc", "ties_count_one", tmp_path / "ties_count_one.py")
