"""What people get from `pip install`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_wheel_carries_the_built_in_pack(tmp_path: Path) -> None:
    """The wheel holds the package with its skeletons and the whole pack, and neither tests nor examples nor caches."""
    options = ["-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    tracked = subprocess.run(
        ["git", "ls-files", "bank", "exercises", "reference"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(tracked) == {name.removeprefix("grader/pack/") for name in names if name.startswith("grader/pack/")}
    skeletons = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("grader/content/skeleton/**/*.j2")}
    assert skeletons
    assert skeletons <= set(names)
    assert not [name for name in names if name.startswith(("tests", "examples")) or "__pycache__" in name]
