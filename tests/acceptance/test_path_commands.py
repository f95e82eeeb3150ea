"""Along a learning path with the real command: list, show, next, and a quiz that follows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.quiz_pack import both, write_pack

Done = subprocess.CompletedProcess[str]
Viva = Callable[..., Done]
STEPS = ("lab-choice", "lab-numeric", "double", "lab-open")


def path_of(name: str, *steps: str) -> dict[str, Any]:
    """A path; only `double` is an exercise."""
    kinds = ["exercise" if step == "double" else "entry" for step in steps]
    return {
        "schema": 1,
        "id": name,
        "status": "active",
        "title": both(f"Title of {name}", f"{name} 的标题"),
        "summary": both("For everybody.", "写给所有人。"),
        "steps": [
            {kind: step, "why": both(f"reason for {step}", f"{step} 的理由")}
            for kind, step in zip(kinds, steps, strict=True)
        ],
    }


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The small pack with two paths."""
    root = write_pack(tmp_path / "pack")
    (root / "bank" / "paths").mkdir()
    for path in (path_of("lab-path", *STEPS), path_of("other-path", "lab-multi", "lab-order")):
        file = root / "bank" / "paths" / f"{path['id']}.yaml"
        file.write_text(json.dumps(path, ensure_ascii=False, indent=1), encoding="utf-8")
    return root


@pytest.fixture
def viva(tmp_path: Path, pack: Path) -> Viva:
    """`viva(*arguments, typed=lines)` in English, on the pack with the paths and a progress of its own."""

    def run(*arguments: str | Path, typed: str = "", lang: str = "en") -> Done:
        command = [sys.executable, "-m", "grader", *map(str, arguments), "--pack", str(pack), "--lang", lang]
        settings = {**os.environ, "VIVA_HOME": str(tmp_path / "home"), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
        return subprocess.run(
            command, cwd=tmp_path, input=typed, capture_output=True, encoding="utf-8", env=settings, timeout=120
        )

    return run


def record(done: Done) -> Any:
    """The JSON document that a command printed."""
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def states(viva: Viva) -> list[str]:
    """The state of each step of the path."""
    return [step["state"] for step in record(viva("path", "show", "lab-path", "--json"))["steps"]]


def test_along_a_path(viva: Viva) -> None:
    """The quiz asks the steps in order, what was right is done and left out, and the next one is told each time."""
    assert record(viva("path", "next", "lab-path", "--json"))["step"]["entry"] == "lab-choice"
    first = viva("quiz", "--path", "lab-path", "--count", "2", typed="x\n3.5\n")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.index("Prompt of lab-choice?") < first.stdout.index("Prompt of lab-numeric?")
    assert states(viva) == ["seen", "done", "open", "open"]
    again = viva("quiz", "--path", "lab-path", "--seed", "7", typed="q\n")
    assert "Prompt of lab-choice?" in again.stdout
    assert "1 of 3" in again.stdout
    told = record(viva("path", "next", "--json"))
    assert (told["path"], told["step"]["entry"], told["step"]["state"]) == ("lab-path", "lab-choice", "seen")


def test_an_exercise_of_a_path(viva: Viva, tmp_path: Path) -> None:
    """The command for an exercise opens it in the quiz, and a solution that is accepted there makes the step done."""
    command = record(viva("path", "next", "lab-path", "--json"))["command"]
    assert command.startswith("viva quiz --entry lab-choice --pack ")
    (tmp_path / "double").mkdir()
    (tmp_path / "double" / "solution.py").write_text("def double(x):\n    return x + x\n")
    done = viva("quiz", "--entry", "lab-code", "--isolation", "process", typed="g\n\n")
    assert done.returncode == 0, done.stderr
    assert states(viva) == ["open", "open", "done", "open"]


def test_a_finished_path(viva: Viva) -> None:
    """When every step is done, the quiz and `next` say so, and `next` without a name looks for another path."""
    for name in ("lab-multi", "lab-order"):
        answer(viva, name)
    assert "Every step of this path is done." in viva("path", "next", "other-path").stdout
    assert "Everything on this path that a quiz can ask is done." in viva("quiz", "--path", "other-path").stdout
    assert viva("path", "next").returncode == 2


def answer(viva: Viva, name: str) -> None:
    """Answer an entry right, whatever order its options are shown in."""
    right = {"lab-multi": ["text one", "text two"], "lab-order": ["step zero", "step back", "step clip", "step step"]}
    shown = viva("quiz", "--entry", name, "--seed", "5", typed="q\n").stdout
    letters = {
        words.strip(): letter
        for letter, words in (line.strip().split("  ", 1) for line in shown.splitlines() if _is_option(line))
    }
    typed = " ".join(letters[text] for text in right[name])
    assert "✓ Right" in viva("quiz", "--entry", name, "--seed", "5", typed=f"{typed}\n").stdout


def _is_option(line: str) -> bool:
    return line.strip()[1:3] == "  " and line.strip()[0].isalpha()


def test_paths_are_listed(viva: Viva) -> None:
    """Every path of every pack is listed with its figures, one JSON document a line."""
    done = viva("path", "list", "--json")
    heads = {one["id"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert {"lab-path", "other-path", "metrics-you-can-defend"} <= set(heads)
    assert (heads["lab-path"]["steps_total"], heads["lab-path"]["minutes"]) == (4, 8)
    assert "other-path  Title of other-path" in viva("path", "list").stdout


def test_a_path_is_shown_in_chinese(viva: Viva) -> None:
    """Titles, reasons and our own words are Chinese."""
    shown = viva("path", "show", "lab-path", lang="zh").stdout
    assert "lab-path 的标题" in shown
    assert "double 的理由" in shown
    assert "下一步 · lab-choice · 2 分钟 · 还没答过" in shown


def test_what_is_broken_is_left_out_and_said(viva: Viva, pack: Path) -> None:
    """A broken path and a step that is gone hide nothing else; one line on stderr names them."""
    (pack / "bank" / "paths" / "broken.yaml").write_text("schema: 1\n")
    (pack / "bank" / "lab" / "lab-open.yaml").unlink()
    listed = viva("path", "list")
    assert "lab-path" in listed.stdout
    assert "Paths left out because they break their format: 1." in listed.stderr
    assert "cannot be asked: lab-open." in viva("path", "show", "lab-path").stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("path", "show", "lab-pth"), "did you mean `lab-path`?"),
        (("path", "next"), "choose one from `viva path list`"),
        (("quiz", "--path", "lab-pth"), "did you mean `lab-path`?"),
        (("quiz", "--entry", "lab-chioce"), "did you mean `lab-choice` or"),
        (("quiz", "--path", "lab-path", "--entry", "lab-choice"), "leave out one of them"),
        (("quiz", "--path", "lab-path", "--kind", "bug"), "leave out one of --topic"),
    ],
    ids=str,
)
def test_wrong_use_ends_in_a_sentence(viva: Viva, arguments: tuple[str, ...], says: str) -> None:
    """What cannot be done is said in one sentence with what to do instead, and exit status 2."""
    done = viva(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
