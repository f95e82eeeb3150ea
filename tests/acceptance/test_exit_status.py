"""`viva grade` ends with 2 whenever one of its verdicts is ours, however it was asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT
from tests.acceptance.quiz_pack import write_pack

BROKEN = "raise RuntimeError('broken reference')\n\n\ndef double(x):\n    return 2 * x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack, and two submissions."""
    write_pack(tmp_path / "pack")
    (tmp_path / "right.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "wrong.py").write_text("def double(x):\n    return x\n")
    return tmp_path


def _grade(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "VIVA_ENGINE": "own"}
    command = [sys.executable, "-m", "grader", "grade", "double", "--pack", "pack", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--json"], ["--junit", "out.xml"], ["--jobs", "2"], ["--json", "--jobs", "2"], ["--feedback", "score"]],
    ids=str,
)
@pytest.mark.parametrize("files", [["right.py"], ["wrong.py", "right.py"], ["right.py"] * 4], ids=str)
def test_a_verdict_that_is_ours_is_status_2(folder: Path, files: list[str], arguments: list[str]) -> None:
    """The suite does not even load, which no candidate is charged with."""
    (folder / "pack/reference/double/solution.py").write_text(BROKEN)
    done = _grade(folder, *files, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    if "--json" in arguments:
        assert {json.loads(line)["status"] for line in done.stdout.splitlines()} == {"judge_error"}


@pytest.mark.parametrize(("files", "status"), [(["right.py"], 0), (["right.py", "wrong.py"], 1)], ids=str)
def test_the_other_two(folder: Path, files: list[str], status: int) -> None:
    """Nothing of ours failed."""
    assert _grade(folder, *files).returncode == status
