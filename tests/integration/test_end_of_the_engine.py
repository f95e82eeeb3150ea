"""However the process that grades ends, nothing that it started runs on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.conftest import descendants, role, wait_until, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = """
import sys
from pathlib import Path
from grader.content.pack import load_exercise
from grader.grading.grade import Options, grade, grade_all
from grader.model.submission import Submission
from grader.wiring import open_engine

exercise = load_exercise(Path(sys.argv[1]), "probe")
sleeper = Submission(name="sleeper", source="import os, time\\ndef probe():\\n    os.fork()\\n    time.sleep(60)\\n")
with open_engine(sys.argv[2], warm=False) as engine:
    if sys.argv[3] == "one":
        grade(exercise, sleeper, engine, Options(seed=1))
    else:
        list(grade_all(exercise, [sleeper] * 4, engine, Options(seed=1), jobs=2))
"""
_FORKED = 2  # a guest of the script and its copy


def _start(tmp_path: Path, level: str, how_many: str) -> subprocess.Popen[bytes]:
    write_exercise(tmp_path, limits="wall_s: 60, case_wall_s: 60, cpu_s: 20")
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path), level, how_many]
    return subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.DEVNULL, start_new_session=True)


def _at_work(script: subprocess.Popen[bytes], boxes: int) -> bool:
    """Whether so many boxes of the script run candidate code."""
    return sum(role(pid) == "viva-guest" for pid in descendants(script.pid)) >= boxes * _FORKED


def _wait_for_work(script: subprocess.Popen[bytes], boxes: int) -> None:
    def there() -> bool:
        try:
            return _at_work(script, boxes)
        except OSError:
            return False  # a process ended while we looked

    assert wait_until(there, 30)


@pytest.mark.parametrize("level", ["strict", "process"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_ends_everything(
    number: signal.Signals, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judges, boxes and both parents end with the process that asked for the verdict, even when it is killed.

    The temporary folders of the parents go too.
    """
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    with _start(tmp_path, level, "one") as script:
        _wait_for_work(script, 1)
        below = set(descendants(script.pid))
        assert any(scratch.iterdir())
        script.send_signal(number)
        assert script.wait(timeout=10) != 0
        assert wait_until(lambda: not below & set(descendants(os.getpid())), 10), descendants(os.getpid())
    assert wait_until(lambda: not list(scratch.iterdir()), 10), list(scratch.iterdir())


def test_ctrl_c_ends_a_batch_at_once(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole foreground group; a batch of two at a time does not wait for its limits to run out."""
    with _start(tmp_path, "strict", "batch") as script:
        _wait_for_work(script, 2)
        started = time.monotonic()
        os.killpg(script.pid, signal.SIGINT)
        assert script.wait(timeout=50) != 0
        assert time.monotonic() - started < 10


def test_a_kill_while_parents_start_leaves_nothing(tmp_path: Path) -> None:
    """Killed before anything is ready, the parents notice as soon as they have something to say."""
    with _start(tmp_path, "strict", "one") as script:
        assert wait_until(lambda: any("grader" in line for line in descendants(script.pid).values()), 30)
        script.kill()
