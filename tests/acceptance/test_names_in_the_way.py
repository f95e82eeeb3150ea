"""A candidate's `grader.py`, or folder `grader`, beside the work: nothing of ours is looked for there."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from grader import sessions
from tests.acceptance.conftest import ROOT

TRAP = "raise RuntimeError('a file of the candidate was imported in the place of viva')\n"


@pytest.fixture(params=["file", "folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workspace with a right solution, and the trap."""
    folder = tmp_path / "work"
    run(tmp_path, "-m", "vivavoce", "start", "f1_auc", str(folder))
    shutil.copy(ROOT / "examples" / "f1_auc" / "right.py", folder / "solution.py")
    trap = folder / ("grader.py" if request.param == "file" else "grader/__init__.py")
    trap.parent.mkdir(exist_ok=True)
    trap.write_text(TRAP, encoding="utf-8")
    return folder


def installed(beside: Path) -> Path:
    """A folder that tells pytest and others what an installation of this checkout would tell them."""
    told = beside / "vivavoce-0.dist-info"
    told.mkdir(parents=True, exist_ok=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plugin = project["entry-points"]["pytest11"]["viva"]
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: vivavoce\nVersion: 0\n", encoding="utf-8")
    (told / "entry_points.txt").write_text(f"[pytest11]\nviva = {plugin}\n", encoding="utf-8")
    return beside


def run(folder: Path, *arguments: str, path: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Python in `folder`, which comes first wherever modules are looked for, as it does for `python -m`."""
    told = installed(folder.parent / "told")
    environment = {
        **os.environ,
        "PYTHONPATH": path or os.pathsep.join([".", str(told), str(ROOT)]),
        "VIVA_HOME": str(folder.parent / "home"),
        "VIVA_ENGINE": "own",
        **env,
    }
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


COMMANDS = {
    "pytest in a workspace": ("-m", "pytest", "-q", "-p", "no:cacheprovider"),
    "with an option of ours": ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--viva-candidate", "solution.py"),
    "viva test": ("-m", "vivavoce", "test"),
    "viva grade": ("-m", "vivavoce", "grade"),
    "the command": ("-c", "from vivavoce import main; import sys; sys.argv = ['viva', 'grade', '--json']; main()"),
    "a notebook": (
        "-c",
        "from pathlib import Path; from vivavoce import grade, load_ipython_extension;"
        "assert grade('f1_auc', Path('solution.py')).status == 'accepted'",
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_come_in_by_a_name_of_their_own(folder: Path, command: str) -> None:
    """And work as if the candidate's file were not there."""
    done = run(folder, *COMMANDS[command])
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_imported_before_gives_way(tmp_path: Path) -> None:
    """A notebook that has imported the candidate's file by then."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "grader.py").write_text("mine = 1\n", encoding="utf-8")
    program = "import grader; assert grader.mine; import vivavoce; import grader.errors; assert vivavoce.grade"
    done = run(tmp_path / "work", "-c", program)
    assert done.returncode == 0, done.stderr


def test_a_bundle_works_where_viva_is_not_installed(tmp_path: Path) -> None:
    """The stand-in for viva is not taken for installed because a file is called so."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(Path(sessions.__file__).with_name("kit") / "conftest.py", work)
    (work / "grader.py").write_text(TRAP, encoding="utf-8")
    (work / "solution.py").write_text("def double(x):\n    return 2 * x\n", encoding="utf-8")
    suite = (
        "from grader.judge import assert_close\ndef test_double(candidate):\n    assert_close(candidate.double(2), 4)\n"
    )
    (work / "test_public.py").write_text(suite, encoding="utf-8")
    packages = os.pathsep.join(site.getsitepackages())  # without the files that add an editable installation
    done = run(work, "-S", "-m", "pytest", "-q", path=packages, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_old_option_is_gone(folder: Path) -> None:
    """Other plugins may have it."""
    done = run(folder, "-m", "pytest", "--candidate", "solution.py")
    assert done.returncode == 4
    assert "unrecognized arguments: --candidate" in done.stderr
