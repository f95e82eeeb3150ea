"""What people have who installed viva without its extra: everything but the exercises that need torch."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT
from tests.fakes.absent import without_torch

INSTALL = "pip install 'vivavoce[torch]'"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def viva(tmp_path: Path) -> Run:
    """`viva(*arguments)` where torch is not installed."""
    environment = os.environ | {
        "PYTHONPATH": f"{without_torch(tmp_path / 'site')}:{ROOT}",
        "VIVA_HOME": str(tmp_path / "home"),
        "VIVA_ENGINE": "own",
        "COLUMNS": "200",
    }

    def run(*arguments: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, input=typed, capture_output=True, text=True, timeout=300, env=environment
        )

    return run


RIGHT = ROOT / "examples" / "multi_head_attention" / "right.py"
ASKING_FOR_TORCH = {
    "grade": ("grade", "multi_head_attention", RIGHT),
    "json": ("grade", "multi_head_attention", RIGHT, "--json"),
    "several": ("grade", "multi_head_attention", RIGHT, RIGHT),
    "watch": ("watch", "multi_head_attention", RIGHT),
    "audit": ("audit", "multi_head_attention"),
    "check": ("check", "multi_head_attention", "--quick"),
    "bench": ("bench", "multi_head_attention", "--quick"),
}


@pytest.mark.parametrize("command", ASKING_FOR_TORCH)
def test_an_exercise_that_needs_torch_says_what_to_install(viva: Run, command: str) -> None:
    """In one sentence, with status 2, and without a verdict."""
    done = viva(*ASKING_FOR_TORCH[command])
    assert done.returncode == 2
    assert done.stdout == ""
    said = f"viva: the package torch, which this exercise needs, is not installed; run `{INSTALL}`"
    assert done.stderr.strip() == said


def test_it_says_so_in_chinese(viva: Run) -> None:
    """With the same command."""
    done = viva("grade", "multi_head_attention", RIGHT, "--lang", "zh")
    assert (done.returncode, done.stderr.strip()) == (
        2,
        f"viva: 未安装这道题需要的软件包 torch；请运行 `{INSTALL}`",
    )


def test_its_public_cases_say_so_too(viva: Run) -> None:
    """Instead of a traceback of pytest's."""
    viva("start", "multi_head_attention")
    done = viva("test", "multi_head_attention")
    assert done.returncode == 2
    assert done.stdout == ""
    assert INSTALL in done.stderr


def test_other_exercises_are_graded(viva: Run) -> None:
    """Arrays need numpy alone."""
    done = viva("grade", "f1_auc", ROOT / "examples" / "f1_auc" / "right.py")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lists_mark_what_cannot_be_graded(viva: Run, lang: str) -> None:
    """And say how to have it."""
    listed = viva("list", "--topic", "arch", "--lang", lang).stdout
    found = viva("search", "multi-head", "--lang", lang).stdout
    marked = {"en": "(needs torch) ", "zh": "(需要 torch) "}[lang]
    for text in (listed, found):
        assert [line for line in text.splitlines() if marked in line]
        assert INSTALL in text
    of_arrays = viva("list", "--topic", "metrics", "--lang", lang).stdout
    assert marked not in of_arrays
    assert INSTALL not in of_arrays


def test_the_doctor_says_what_is_not_needed_by_all(viva: Run) -> None:
    """It is no fault of the machine."""
    done = viva("doctor")
    assert done.returncode == 0
    (line,) = [line for line in done.stdout.splitlines() if " torch " in line]
    assert INSTALL in line


def test_a_quiz_asks_nothing_that_it_cannot_grade(viva: Run) -> None:
    """It says how many questions that are; one that is named is refused with the reason."""
    done = viva("quiz", "--topic", "arch", "--kind", "code", "--count", "1", typed="q\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"without torch; run `{INSTALL}`" in done.stderr
    done = viva("quiz", "--kind", "code", "--count", "1", "--seed", "3", typed="q\n")
    assert (done.returncode, INSTALL in done.stdout) == (0, True)
    done = viva("quiz", "--entry", "kv-cache-code", "--lang", "zh", typed="q\n")
    assert "未安装这道题需要的软件包 torch" in " ".join(done.stdout.split())


def test_the_extra_alone_brings_torch() -> None:
    """What `pip install vivavoce` draws fits into a coffee break."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [line for line in project["dependencies"] if line.startswith("torch")]
    assert [line for line in project["optional-dependencies"]["torch"] if line.startswith("torch")]
