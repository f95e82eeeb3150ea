"""A candidate's evening in a workspace: start, test, grade, hint, reset, next, without naming the exercise again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference" / "f1_auc" / "solution.py"
HALF_RIGHT = ROOT / "examples" / "f1_auc" / "half_right.py"
Say = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """Runs `viva` in a folder, English, with progress of its own."""

    def run(*words: str, folder: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "VIVA_HOME": str(tmp_path / "home"), "VIVA_ENGINE": "own", "COLUMNS": "100", "LC_ALL": "C"}
        command = [sys.executable, "-m", "grader", *words]
        env["PYTHONPATH"] = str(ROOT)
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)

    return run


@pytest.fixture
def workspace(say: Say, tmp_path: Path) -> Path:
    """A workspace of f1_auc, made by a name with dashes."""
    assert say("start", "f1-auc").returncode == 0
    return tmp_path / "f1_auc"


def test_an_untouched_stub_is_told_in_a_sentence(say: Say, workspace: Path) -> None:
    """And what to do next."""
    done = say("grade", folder=workspace)
    assert done.returncode == 1
    assert "Nothing is written yet" in done.stdout
    assert "viva hint" in done.stdout
    assert "NotImplementedError" not in done.stdout


def test_the_first_failure_comes_with_its_call(say: Say, workspace: Path) -> None:
    """What went in, what came and what was expected, once; `-v` shows the others."""
    (workspace / "solution.py").write_bytes(HALF_RIGHT.read_bytes())
    done = say("grade", "solution.py", "--seed", "7", folder=workspace)
    assert "call  f1_score([0, 1, 1, 2, 2, 2], [0, 1, 2, 2, 2, 7], 'macro')" in done.stdout
    assert done.stdout.count("0.583333") == 1
    assert "and 1 more failed" in done.stdout
    whole = say("grade", "-v", "--seed", "7", folder=workspace)
    assert len(whole.stdout.splitlines()) > len(done.stdout.splitlines())


def test_solving_counts_wherever_it_happens(say: Say, workspace: Path, tmp_path: Path) -> None:
    """`grade` in a workspace is kept in progress: lists, the page and `viva solution` know it."""
    (workspace / "solution.py").write_bytes(HALF_RIGHT.read_bytes())
    say("grade", folder=workspace)
    assert "f1_auc is begun" in say("next").stdout
    (workspace / "solution.py").write_bytes(REFERENCE.read_bytes())
    assert "Solved." in say("grade", folder=workspace).stdout
    page = json.loads(say("progress", "--json").stdout)
    assert page["exercises"]["solved"] == 1
    assert say("solution", folder=workspace).returncode == 0
    kept = json.loads(say("progress", "export").stdout)
    assert [(one["name"], one["tries"], one["best"]) for one in kept["attempts"]] == [("f1_auc", 2, 1.0)]


def test_what_others_handed_in_is_nobodys_progress(say: Say, tmp_path: Path) -> None:
    """A file outside of a workspace is graded and not kept."""
    say("grade", "f1_auc", str(REFERENCE))
    assert not (tmp_path / "home").exists()


def test_several_files_at_once_are_nobodys_progress(say: Say, workspace: Path, tmp_path: Path) -> None:
    """A workspace that came back among others says of itself that it is one; that makes it nobody's own work."""
    other = tmp_path / "other.py"
    for file in (workspace / "solution.py", other):
        file.write_bytes(REFERENCE.read_bytes())
    assert say("grade", "f1_auc", str(workspace / "solution.py"), str(other)).returncode == 0
    assert not (tmp_path / "home").exists()


def test_hints_come_one_by_one_and_stay_taken(say: Say, workspace: Path) -> None:
    """Those that were taken are shown again, also from elsewhere."""
    assert say("hint", folder=workspace).stdout.startswith("Hint 1 of 4")
    second = say("hint", "f1_auc")
    assert ("Hint 1 of 4" in second.stdout, "Hint 2 of 4" in second.stdout) == (True, True)
    kept = json.loads(say("progress", "export").stdout)
    assert kept["attempts"][0]["hints"] == 2


def test_reset_keeps_what_was_written(say: Say, workspace: Path) -> None:
    """Twice, under two names."""
    for number in (1, 2):
        (workspace / "solution.py").write_text(f"# mine {number}\n", encoding="utf-8")
        assert f"kept as solution.{number}.py" in say("reset", folder=workspace).stdout
    assert (workspace / "solution.1.py").read_text(encoding="utf-8") == "# mine 1\n"
    assert "as it was at the start already" in say("reset", folder=workspace).stdout


CHAINED = """\
def f1_score(y_true, y_pred, average="binary"):
    if average == "weighted":
        return f1_score(y_true, y_pred, average)
    try:
        {}["a key"]
    except KeyError as error:
        if average == "binary":
            raise ValueError("while it was handled")
        raise ValueError("because of it") from error


def roc_auc(y_true, y_score):
    raise ExceptionGroup("several", [ValueError("one"), KeyError("another")])
"""


def test_no_frame_of_ours_is_in_what_an_exception_came_of(say: Say, workspace: Path) -> None:
    """Nor in the parts of a group: each exception of a chain has a traceback of its own."""
    (workspace / "solution.py").write_text(CHAINED, encoding="utf-8")
    done = say("test", folder=workspace)
    for shown in ("KeyError: 'a key'", "while it was handled", "because of it", "KeyError: 'another'"):
        assert shown in done.stdout
    assert "grader/" not in done.stdout
    assert "_perform" not in done.stdout


def test_public_cases_show_the_candidates_line_and_none_of_our_frames(say: Say, workspace: Path) -> None:
    """`viva test` is plain pytest; so a person reads their own code and the case, and nothing else."""
    done = say("test", folder=workspace)
    assert done.returncode == 1
    assert 'solution.py", line 19, in roc_auc' in done.stdout
    assert "roc_auc([0, 0, 1, 1], [0.1, 0.5, 0.5, 0.9])" in done.stdout
    assert "grader/judge" not in done.stdout
    assert "grader/judge" in say("test", "--full-trace", folder=workspace).stdout
    (workspace / "solution.py").write_bytes(REFERENCE.read_bytes())
    assert say("test", folder=workspace).returncode == 0


def test_viva_alone_says_where_one_stands(say: Say, workspace: Path) -> None:
    """In a workspace what to do there; elsewhere the commands that matter now."""
    assert "This folder is for F1 and ROC AUC from scratch (f1_auc)." in say(folder=workspace).stdout
    first = say()
    assert first.returncode == 0
    assert "viva quiz --count 5" in first.stdout
    assert "这道题" not in first.stdout
    assert "接下来" in say("--lang", "zh", "next").stdout or "先做几道题" in say("--lang", "zh", "next").stdout


def test_the_list_marks_what_was_done(say: Say, workspace: Path) -> None:
    """Solved and tried, with a legend; nothing is marked for who has no progress."""
    before = say("list", "--kind", "exercise")
    assert "solved or right" not in before.stdout
    (workspace / "solution.py").write_bytes(REFERENCE.read_bytes())
    say("grade", folder=workspace)
    after = say("list", "--kind", "exercise").stdout
    assert [line.split()[:2] for line in after.splitlines() if line.startswith("+ ")] == [["+", "f1_auc"]] or (
        "✓ f1_auc" in after
    )
