"""`viva bench` and `viva watch` through the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.acceptance.conftest import ROOT, Run

_RIGHT = (ROOT / "examples" / "smote" / "right.py").read_text()
_HALF = (ROOT / "examples" / "smote" / "half_right.py").read_text()


@pytest.mark.slow
def test_the_benchmark_measures_and_reports(viva: Run, tmp_path: Path) -> None:
    """Ratios first, all figures as JSON; nothing is timed against a limit here."""
    done = viva("bench", "smote", "--quick", "--json", "bench.json", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Ratios")
    report = json.loads((tmp_path / "bench.json").read_text())
    assert report["schema"] == "viva.bench/1"
    (smote,) = report["exercises"]
    assert smote["exercise"] == "smote"
    assert smote["cases"] > 10
    times = [smote[name] for name in ("pytest_ms", "one_off_ms", "warm_p50_ms", "floor_ms", "one_lane_per_minute")]
    assert all(value > 0 for value in times)
    assert smote["ratios"]["pytest_over_warm"] == pytest.approx(smote["pytest_ms"] / smote["warm_p50_ms"], rel=0.01)
    assert smote["verdict_bytes"] > 0


@pytest.mark.slow
def test_the_profile_can_be_taken_again() -> None:
    """What docs/performance.md says of a verdict's parts comes from this script."""
    command = [sys.executable, str(ROOT / "scripts" / "measure_verdict.py"), "smote"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    head, smote, *_ = done.stdout.splitlines()
    row = dict(zip(head.split(), map(float, smote.split()[1:]), strict=True))
    assert row["requests"] > 20
    assert 0 < row["waiting_ms"] < row["judge_ms"] < row["verdict_ms"]
    assert "an exception" in done.stdout


def test_a_benchmark_of_nothing_is_refused(viva: Run) -> None:
    """An unknown exercise gets one sentence, before anything is measured."""
    done = viva("bench", "smot")
    assert (done.returncode, done.stdout) == (2, "")
    assert "`smote`" in done.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_watch_grades_on_save_and_says_what_changed(lang: str, tmp_path: Path) -> None:
    """First run, a mended file, the file gone and back, and Ctrl-C, which leaves the last verdict's exit status."""
    file = tmp_path / "solution.py"
    file.write_text(_HALF)
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "60"}
    watch = pexpect.spawn(
        sys.executable, ["-m", "grader", "watch", "smote", "--lang", lang], cwd=tmp_path, encoding="utf-8",
        env=environment, timeout=60, dimensions=(60, 100),
    )  # fmt: skip
    first, mended, gone, waiting = {
        "en": ("first run", "score .* -> ", "is gone", "Watching"),
        "zh": ("首次判题", "得分 .* -> ", "不见了", "正在监视"),
    }[lang]
    watch.expect(first)
    watch.expect(waiting)
    file.write_text(_RIGHT)
    watch.expect(mended)
    watch.expect(waiting)
    file.unlink()
    watch.expect(gone)
    file.write_text(_RIGHT)
    watch.expect(waiting)
    watch.sendintr()
    watch.expect(pexpect.EOF)
    watch.close()
    assert watch.exitstatus == 0


def test_watch_of_a_file_that_is_not_there_is_refused(viva: Run) -> None:
    """With what to do about it."""
    done = viva("watch", "smote")
    assert done.returncode == 2
    assert "viva start smote" in done.stderr
