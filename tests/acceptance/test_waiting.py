"""A person at a terminal who grades: what is seen meanwhile, and what makes the next verdict quicker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.wiring import open_exercise
from tests.acceptance.terminal import CTRL_C, Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a background engine needs Linux")

SLOWLY = "\nimport time\ntime.sleep(1)\n"  # twice what a person at a terminal waits before something is drawn


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a person whose background engine is this test's own; it is stopped afterwards."""
    own = {"VIVA_HOME": str(tmp_path / "home"), "VIVA_RUNTIME": str(tmp_path / "runtime"), "VIVA_ENGINE": ""}
    yield own
    subprocess.run([sys.executable, "-m", "grader", "engine", "stop"], env={**os.environ, **own}, check=True)


def is_running(home: dict[str, str]) -> bool:
    """Whether a background engine of this person's runs."""
    command = [sys.executable, "-m", "grader", "engine", "status"]
    return subprocess.run(command, env={**os.environ, **home}, capture_output=True, check=False).returncode == 0


def test_the_second_grading_of_a_sitting_leaves_an_engine_warm(tmp_path: Path, home: dict[str, str]) -> None:
    """The first leaves nothing; the second says what stays and how to end it; and both show that they work."""
    solution = tmp_path / "slow.py"
    solution.write_text(open_exercise("pass_at_k").solution.read_text() + SLOWLY)
    command = ["grade", "pass_at_k", str(solution), "--lang", "en"]
    first = Terminal(command, tmp_path, home)
    assert first.ends() == 0
    assert "ACCEPTED" in first.text()
    assert "grading…" in first.raw.decode()
    assert not is_running(home)
    second = Terminal(command, tmp_path, home)
    second.see("`viva engine stop` ends it")
    assert second.ends() == 0
    assert is_running(home)
    assert "viva engine stop" not in first.text()


@pytest.mark.slow
def test_watching_leaves_an_engine_warm_at_once(tmp_path: Path, home: dict[str, str]) -> None:
    """Who watches grades again."""
    (tmp_path / "solution.py").write_text(open_exercise("pass_at_k").solution.read_text())
    terminal = Terminal(["watch", "pass_at_k", "solution.py", "--lang", "en"], tmp_path, home)
    terminal.see("ACCEPTED")
    terminal.press(CTRL_C)
    assert terminal.ends() == 0
    assert is_running(home)


@pytest.mark.slow
def test_scripts_leave_nothing_behind(tmp_path: Path, home: dict[str, str]) -> None:
    """Without a terminal no engine stays, however often something is graded."""
    command = [sys.executable, "-m", "grader", "grade", "pass_at_k", str(open_exercise("pass_at_k").solution)]
    for _ in range(2):
        subprocess.run(command, env={**os.environ, **home}, cwd=tmp_path, capture_output=True, check=True)
    assert not is_running(home)
