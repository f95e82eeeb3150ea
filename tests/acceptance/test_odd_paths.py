"""Pipes, devices and endless files where a person's file is expected: one sentence and status 2, at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT

_SOLUTION = str(ROOT / "reference" / "f1_auc" / "solution.py")
READS = {
    "progress import": ["progress", "import", "ODD"],
    "import": ["import", "ODD", "-o", "bank"],
    "session show": ["session", "show", "ODD"],
    "session report": ["session", "report", "ODD"],
    "session bundle": ["session", "bundle", "ODD"],
    "session items": ["session", "items", "ODD"],
    "avoid": ["session", "new", "--role", "ml_engineer", "--avoid", "ODD", "-o", "out"],
    "pack": ["list", "--pack", "ODD"],
    "data": ["progress", "--data", "ODD"],
}
WRITES = {
    "progress export": ["progress", "export", "ODD"],
    "export": ["export", "csv", "-o", "ODD"],
    "export anki": ["export", "anki", "--area", "trust", "-o", "ODD"],
    "junit": ["grade", "f1_auc", _SOLUTION, "--junit", "ODD"],
}


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)


_ODD: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": lambda path: path.mkdir(),
    "sparse": _sparse,
}


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "VIVA_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("kind", _ODD)
@pytest.mark.parametrize("command", [*READS, *WRITES])
def test_an_odd_path_is_refused_in_one_sentence(command: str, kind: str, tmp_path: Path) -> None:
    """Nothing waits for it, and nothing is left beside it."""
    if kind == "sparse" and command in WRITES:
        pytest.skip("a file is replaced, whatever it holds")
    _ODD[kind](tmp_path / "odd")
    done = _run([word.replace("ODD", "odd") for word in {**READS, **WRITES}[command]], tmp_path)
    assert done.returncode == 2, (done.stdout, done.stderr)
    sentences = [line for line in done.stderr.splitlines() if line.startswith("viva: ")]
    assert len(sentences) == 1, done.stderr
    assert "odd" in sentences[0]
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"odd", "home", "out", "bank"}


def test_a_spare_file_is_not_left_when_the_disk_is_full(tmp_path: Path) -> None:
    """/dev/full stands for it."""
    done = _run(["progress", "export", "/dev/full"], tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    shutil.rmtree(tmp_path / "home")
    assert not list(tmp_path.iterdir())
