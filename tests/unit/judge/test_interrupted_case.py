"""A case whose time runs out leaves nothing of itself: the next one is judged on its own provider, not on the last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a judge needs an alarm")

SUITE = """
import time
import pytest

@pytest.fixture
def slow_to_end():
    yield
    time.sleep(0.5)

@pytest.mark.task("first")
def test_first(candidate, slow_to_end):
    \"\"\"The answer is 42.\"\"\"
    time.sleep(0.1 * (candidate.answer() == 42))
    assert candidate.answer() == 42

@pytest.mark.task("first")
def test_endless(candidate, slow_to_end):
    \"\"\"It never comes.\"\"\"
    while candidate.answer() == 42:
        pass
    assert candidate.answer() == 42
"""
# The limit of the right one rings while its first case is taken down, at 0.3 s of 0.1 + 0.5.
SCRIPT = """
import json, sys
from pathlib import Path
from grader.judge.plugin import LocalProvider
from grader.judge.run import collect, run_locally

folder = Path(sys.argv[1])
suite = collect((str(folder / "test_public.py"),))

def statuses(name, limit_s):
    provider = LocalProvider(folder / name, seed=0, tolerance={})
    return [record.outcome.status.value for record in run_locally(suite, provider, limit_s)]

print(json.dumps([statuses("right.py", 0.3), statuses("wrong.py", 5.0)]))
"""


def test_no_later_case_meets_the_candidate_of_an_earlier_one(tmp_path: Path) -> None:
    """A judge that was warmed on the reference, slowly, judges the submission and not the reference again."""
    (tmp_path / "test_public.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "right.py").write_text("def answer(): return 42\n", encoding="utf-8")
    (tmp_path / "wrong.py").write_text("def answer(): return 41\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == [["accepted", "time_limit"], ["wrong_answer", "wrong_answer"]]
