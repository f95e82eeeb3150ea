"""CI says what each stage took, and which one failed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_CI = ROOT / ".ci"

pytestmark = pytest.mark.skipif(not _CI.is_dir(), reason="what is installed has no .ci")


def _run(script: str) -> subprocess.CompletedProcess[str]:
    whole = f"set -euo pipefail\n. {_CI}/stages\n{script}"
    return subprocess.run(["bash", "-c", whole], capture_output=True, text=True, check=False)


def test_each_stage_is_in_the_table() -> None:
    """With its seconds, after all of them, and the whole."""
    done = _run("stage first true\nstage 'second, longer' sleep 1.2\n")
    assert done.returncode == 0
    table = done.stdout.partition("== seconds of each stage\n")[2].splitlines()
    assert [line.split(" s  ")[1] for line in table] == ["first", "second, longer", "in all"]
    assert int(table[1].split(" s ")[0]) >= 1


def test_a_stage_that_fails_ends_the_run() -> None:
    """With its status; what came before is in the table, what comes after does not run."""
    done = _run("stage first true\nstage second bash -c 'exit 3'\nstage third echo not this\n")
    assert done.returncode == 3
    assert " s  second: failed\n" in done.stdout
    assert " s  first\n" in done.stdout
    assert "not this" not in done.stdout


@pytest.mark.parametrize("name", ["run", "full"])
def test_the_scripts_are_scripts(name: str) -> None:
    """They parse, can be started, and every target of make that they call is there."""
    script = _CI / name
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
    targets = [word for line in _stages(script) if line[0] == "make" for word in line[1:]]
    assert subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, check=False).returncode == 0


def _stages(script: Path) -> list[list[str]]:
    """The commands of the stages."""
    lines = script.read_text(encoding="utf-8").splitlines()
    return [line.rpartition('"')[2].split() for line in lines if line.startswith("stage ")]
