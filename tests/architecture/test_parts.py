"""`make test` runs the tests in parts, side by side: every test in one of them, and a failure is seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "run_tests.py"
sys.path.insert(0, str(SCRIPT.parent))
from run_tests import ALONE, BY_FILE, BY_FOLDER, FIRST, parts_of  # noqa: E402 - a script, which is in no package

TESTS = ROOT / "tests"
NOT_OURS = {"pack"}  # packs that tests grade: their suites are run by judges
_PASSES = "def test_right():\n    pass\n"
_FAILS = "def test_wrong():\n    assert 6 * 7 == 41\n"
_SKIPS = "import pytest\n\n\ndef test_not_here():\n    pytest.skip('no browser')\n"


def _test_files(parts: list[Path]) -> list[Path]:
    found = [path for part in parts for path in ([part] if part.is_file() else part.rglob("test_*.py"))]
    return sorted(path for path in found if not NOT_OURS & set(path.parts))


def test_every_test_file_is_in_one_part() -> None:
    """None is left out, and none runs twice."""
    assert _test_files(list(parts_of(TESTS))) == _test_files([TESTS])


def test_the_folders_and_files_that_are_named_exist() -> None:
    """A folder that was renamed would run as one long part."""
    assert all((TESTS / name).is_dir() for name in (*BY_FILE, *BY_FOLDER, *FIRST))
    assert all((TESTS / name).is_file() for name in ALONE)


def _run(tests: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--tests", str(tests), "--lanes", "2", "-p", "no:viva", *arguments]
    return subprocess.run(command, cwd=tests, capture_output=True, text=True, check=False)


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    """A folder of tests with two parts that pass, one of them not everywhere."""
    for name, text in (("unit/wire/test_one.py", _PASSES), ("integration/test_two.py", _PASSES + "\n\n" + _SKIPS)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_passes_takes_a_line_each(tests: Path) -> None:
    """And a total, with what was skipped and why."""
    done = _run(tests)
    assert done.returncode == 0, done.stdout
    assert "2 parts, 2 at a time" in done.stdout
    assert "✓ 2 passed, 1 skipped" in done.stdout
    assert "no browser" in done.stdout
    assert len(done.stdout.splitlines()) == 5


def test_a_failure_fails_all_and_is_shown_whole(tests: Path) -> None:
    """Beside parts that pass: pytest's own report, the part, and how to run it alone."""
    (tests / "unit/wire/test_three.py").write_text(_FAILS, encoding="utf-8")
    done = _run(tests)
    assert done.returncode == 1
    assert "assert (6 * 7) == 41" in done.stdout
    assert f"failed: {tests}/unit/wire; run one alone" in done.stdout
    assert "✗ 2 passed, 1 failed, 1 skipped" in done.stdout


@pytest.mark.parametrize("text", ["1 / 0\n", "import os\n\n\ndef test_ends():\n    os._exit(0)\n"])
def test_what_is_no_test_or_ends_pytest_fails_all(tests: Path, text: str) -> None:
    """A file that does not load, and one that ends the process with a status that says all is well."""
    (tests / "unit/wire/test_three.py").write_text(text, encoding="utf-8")
    assert _run(tests).returncode == 1


def test_words_at_the_interpreters_end_hide_no_count(tests: Path) -> None:
    """What is told below pytest's last line, as of a task that was still pending, is neither a failure nor a count."""
    parting = "import atexit\n\natexit.register(print, '7 failed tasks\\nTask was destroyed')\n\n\n" + _PASSES
    (tests / "unit/wire/test_three.py").write_text(parting, encoding="utf-8")
    done = _run(tests)
    assert done.returncode == 0, done.stdout
    assert "✓ 3 passed, 1 skipped" in done.stdout


def test_nothing_to_run_is_not_passed(tests: Path) -> None:
    """A mark that no test has would look like success."""
    done = _run(tests, "-k", "no_such_test")
    assert done.returncode == 1
    assert "nothing to run" in done.stdout


def test_ctrl_c_ends_what_runs_and_begins_no_more(tests: Path) -> None:
    """As of any command: the parts that wait are dropped."""
    begun = "import time\nfrom pathlib import Path\n\n\ndef test_long():\n    Path({!r}).touch()\n    time.sleep(100)\n"
    places = [tests / "first", tests / "second"]
    for place in places:
        (tests / "integration" / f"test_{place.name}.py").write_text(begun.format(str(place)), encoding="utf-8")
    command = [sys.executable, str(SCRIPT), "--tests", str(tests), "--lanes", "1", "-p", "no:viva"]
    # SIGINT is ignored in what a shell starts in the background, and with it in all that this starts.
    reset = f"import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv({command[0]!r}, {command!r})"
    with subprocess.Popen([sys.executable, "-c", reset], start_new_session=True, stdout=subprocess.DEVNULL) as running:
        ends = time.monotonic() + 60
        while not any(place.exists() for place in places) and time.monotonic() < ends:
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(timeout=60) == 130
    assert sum(place.exists() for place in places) == 1


def test_slow_tests_are_run_without_the_parts_that_have_none(tests: Path) -> None:
    """Of a file that is all slow, of one that has a slow test, and of a folder; the rest is not begun."""
    (tests / "unit/wire/test_slow.py").write_text("import pytest\n\n\n@pytest.mark.slow\n" + _PASSES, encoding="utf-8")
    done = _run(tests, "--slow")
    assert done.returncode == 0, done.stdout
    assert "1 parts" in done.stdout
    assert "✓ 1 passed ·" in done.stdout


def test_arguments_reach_pytest(tests: Path) -> None:
    """Such as the mark that `make test-slow` asks for."""
    assert "✓ 1 passed" in _run(tests, "-k", "right and not integration", "--deselect", "x").stdout
