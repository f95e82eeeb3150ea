"""What works without Linux works: run here with what other systems lack taken away (`elsewhere/sitecustomize.py`).

Nothing of this has run on those systems; it finds what is imported or called there and is not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = Path(__file__).parent / "elsewhere"
SYSTEMS = ("win32", pytest.param("darwin", marks=pytest.mark.slow))
Viva = Callable[..., subprocess.CompletedProcess[str]]
SESSION = "session new --minutes 20 --coding 1 --seed 1 -o interview"


@pytest.fixture(scope="module", params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    """The `sys.platform` there."""
    return str(request.param)


@pytest.fixture(scope="module")
def viva(system: str, tmp_path_factory: pytest.TempPathFactory) -> Viva:
    """The command as it would run there, in a folder with a workspace; a stream carries Windows' Latin letters."""
    folder = tmp_path_factory.mktemp(system)

    def run(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ELSEWHERE), str(ROOT)]),
            "PYTHONIOENCODING": "cp1252",
            "VIVA_TEST_PLATFORM": system,
            "VIVA_HOME": str(folder / "home"),
            "LC_ALL": "C",
        }
        command = [sys.executable, "-m", "grader", *words]
        return subprocess.run(
            command, cwd=folder, env=environment, input=typed, capture_output=True, encoding="cp1252", timeout=180
        )

    assert run("start", "f1_auc").returncode == 0
    return run


@pytest.mark.parametrize(
    ("words", "typed", "shows"),
    [
        ("list --kind exercise", "", "f1_auc"),
        ("search kv cache", "", "kv-cache"),
        ("show f1_auc", "", "average"),
        ("next", "", "viva"),
        ("hint f1_auc", "", "Hint 1 of 4"),
        ("reset f1_auc", "", "as it was at the start"),
        ("quiz --kind choice --seed 1", "a\nq\n", "Answered 1"),
        ("progress --json", "", '"schema"'),
        ("export markdown -o book.md", "", ""),
        ("check --bank", "", "problems: 0"),
        ("solution f1_auc --yes", "", "def f1_score"),
    ],
)
def test_what_runs_no_strangers_code_works(viva: Viva, words: str, typed: str, shows: str) -> None:
    """Looking around the bank, the quiz, a workspace."""
    done = viva(*words.split(), typed=typed)
    assert (done.returncode, "fault of ours" in done.stderr) == (0, False), done.stderr
    assert shows in done.stdout


def test_public_cases_run_with_plain_pytest(viva: Viva) -> None:
    """Where no verdict can be had, they are what a person has."""
    done = viva("test", "f1_auc")
    assert done.returncode == 1
    assert "5 failed" in done.stdout


def test_an_interview_is_prepared_and_its_clock_goes(viva: Viva) -> None:
    """Chosen, packed and opened."""
    for words in (SESSION, "session bundle interview", "session open interview"):
        done = viva(*words.split())
        assert done.returncode == 0, (words, done.stderr)
    assert "The clock is going" in done.stdout


@pytest.mark.parametrize(
    ("words", "on_windows", "on_a_mac"),
    [
        ("grade f1_auc", "on Windows use WSL", "add `--isolation process`"),
        ("watch f1_auc", "on Windows use WSL", "add `--isolation process`"),
        ("engine start f1_auc", "the background engine needs Linux", "the background engine needs Linux"),
        ("engine status", "the background engine needs Linux", "the background engine needs Linux"),
        ("engine stop", "the background engine needs Linux", "the background engine needs Linux"),
        ("check f1_auc", "`viva check --bank`", "`viva check --bank`"),
        ("audit f1_auc", "`viva test` runs public cases", "`viva test` runs public cases"),
        ("bench f1_auc", "`viva test` runs public cases", "`viva test` runs public cases"),
    ],
)
def test_what_needs_linux_says_what_works_instead(
    viva: Viva, system: str, words: str, on_windows: str, on_a_mac: str
) -> None:
    """In one sentence, with status 2."""
    done = viva(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert (on_windows if system == "win32" else on_a_mac) in done.stderr
    assert "fault of ours" not in done.stderr
