"""A stranger's pack, names and output full of escapes, C1 controls and bidi marks: no terminal obeys them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pexpect
import pytest

from tests.acceptance.conftest import ROOT
from tests.acceptance.quiz_pack import write_pack

EVIL = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202e\u2066\u200f\u2028X"
KEPT = "掩码 👨‍👩‍👧 ✓"
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e-\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)"
)
_SGR = re.compile(r"\x1b\[[0-9;]*m")  # rich's own colours
_SPINNER = re.compile(
    r"\x1b\[\?25[lh]|\r\x1b\[2K|\r\x1b\[1A\x1b\[2K|\x1b\[1A\x1b\[2K"
)  # ours, while a verdict is waited for
_WRONG = f"def double(x):\n    print({EVIL!r})\n    raise ValueError({EVIL!r})\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a pack in which every text begins with what a terminal obeys, and a submission that prints it."""
    folder = tmp_path_factory.mktemp("evil")
    root = write_pack(folder / "pack")
    marked = re.compile(r'("(?:en|zh)": ")')
    inside = (KEPT + json.dumps(EVIL)[1:-1]).replace("\\", "\\\\")
    for path in [*root.glob("bank/**/*.yaml"), *root.glob("exercises/*/exercise.yaml")]:
        path.write_text(marked.sub(rf"\g<1>{inside} ", path.read_text(encoding="utf-8")), encoding="utf-8")
    for path in [*root.glob("exercises/*/*.md"), *root.glob("reference/*/*.md")]:
        path.write_text(f"# {KEPT}{EVIL}\n{path.read_text(encoding='utf-8')}", encoding="utf-8", newline="")
    solution = root / "reference" / "double" / "solution.py"
    solution.write_text(
        f"# {KEPT}{EVIL.replace(chr(0x2028), '')}\n{solution.read_text()}", encoding="utf-8", newline=""
    )
    (folder / f"wrong{EVIL}.py").write_text(_WRONG)
    return folder


def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "VIVA_HOME": str(folder / "home"), "PYTHONIOENCODING": "utf-8"}


def _viva(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(
        command, cwd=folder, env=_environment(folder), input=typed, capture_output=True, encoding="utf-8", timeout=120
    )


def _with_pack(arguments: Sequence[str]) -> list[str]:
    return [*arguments, "--pack", "pack"]


_GRADE = ["grade", "double", f"wrong{EVIL}.py"]
_SHOWN = {
    "list": ["list", "--topic", "lab"],
    "list json": ["list", "--topic", "lab", "--json"],
    **{f"show {one}": ["show", f"lab-{one}", "--answers"] for one in ("choice", "numeric", "order", "open", "bug")},
    "show json": ["show", "lab-open", "--answers", "--json"],
    "statement": ["show", "double", "--answers"],
    "stats": ["stats"],
    "solution": ["solution", "double", "--yes"],
    "grade": _GRADE,
    "grade json": [*_GRADE, "--json"],
    "check": ["check", "double", "--quick", "--seeds", "1"],
    "start": ["start", "double"],
    **{f"export {name}": ["export", name, "--topic", "lab", "--answers"] for name in ("markdown", "csv", "json")},
}
_COMPLAINTS = {
    "an unknown entry": ["show", EVIL],
    "an unknown format": ["export", EVIL],
    "an unknown option": [f"--{EVIL}"],
    "a missing file": ["progress", "import", EVIL],
    "a missing sheet": ["import", EVIL, "-o", EVIL],
    "a missing session": ["session", "show", EVIL],
    "no pack": ["list", "--pack", EVIL],
}


@pytest.mark.parametrize("name", _SHOWN)
def test_what_strangers_wrote_is_printable(name: str, folder: Path, tmp_path: Path) -> None:
    """In a pipe: nothing that a terminal obeys, and what is legal is left alone."""
    done = _viva(folder, *_with_pack(_SHOWN[name]), *([str(tmp_path / "work")] if name == "start" else []))
    assert "Traceback" not in done.stderr
    assert not _OBEYED.search(done.stdout), done.stdout
    assert not _OBEYED.search(done.stderr), done.stderr
    if name.split()[0] in ("list", "show", "export", "solution"):
        assert KEPT in done.stdout
    if name.endswith("json"):
        assert [json.loads(line) for line in (done.stdout.splitlines() if "export" not in name else [done.stdout])]


@pytest.mark.parametrize(
    "name", ["list", "show open", "show choice", "statement", "stats", "grade", "check", "solution"]
)
def test_on_a_terminal_too(name: str, folder: Path) -> None:
    """There are colours, which are rich's, and nothing else."""
    environment = {**_environment(folder), "TERM": "xterm-256color"}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "grader", *_with_pack(_SHOWN[name])],
        cwd=str(folder),
        env=environment,
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 100),
    )
    shown = child.read()
    child.close()
    text = _SPINNER.sub("", _SGR.sub("", shown))
    assert not _OBEYED.search(text.replace("\r\n", "\n")), text
    assert "\x1b[31m\x1b]0" not in shown


@pytest.mark.parametrize("name", _COMPLAINTS)
def test_complaints_quote_it_printably(name: str, folder: Path) -> None:
    """On one line, with status 2."""
    done = _viva(folder, *_COMPLAINTS[name])
    assert done.returncode == 2
    assert not _OBEYED.search(done.stderr), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def test_a_quiz_asks_it_printably(folder: Path) -> None:
    """Questions, options, hints and answers."""
    done = _viva(folder, *_with_pack(["quiz", "--topic", "lab", "--seed", "1"]), typed="?\nh\na\n1\nx\n" * 12)
    assert KEPT in done.stdout
    assert not _OBEYED.search(done.stdout), done.stdout


@pytest.mark.parametrize("name", ["html", "moodle", "csv", "json", "markdown"])
def test_exports_stay_well_formed(name: str, folder: Path, tmp_path: Path) -> None:
    """Also in a file."""
    target = tmp_path / "out"
    done = _viva(folder, *_with_pack(["export", name, "--topic", "lab", "--answers", "-o", str(target)]))
    assert done.returncode == 0, done.stderr
    text = target.read_text(encoding="utf-8-sig")
    assert KEPT in text
    if name == "moodle":
        ET.fromstring(text)
    if name == "json":
        assert EVIL in json.loads(text)["entries"][0]["title"]["en"]


def test_junit_stays_well_formed(folder: Path, tmp_path: Path) -> None:
    """Names, messages and output."""
    target = tmp_path / "out.xml"
    _viva(folder, *_with_pack([*_GRADE, "--junit", str(target)]))
    ET.fromstring(target.read_bytes())


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("exercises/double/statement.en.md", ["show", "double"]),
        ("reference/double/notes.md", ["show", "double", "--answers"]),
        ("reference/double/solution.py", ["solution", "double", "--yes"]),
        ("bank/lab/lab-open.yaml", ["show", "lab-open"]),
        ("docs/glossary.md", ["list", "--topic", "lab"]),
    ],
)
def test_a_file_that_is_no_text_is_named(place: str, command: list[str], tmp_path: Path) -> None:
    """One sentence with its path, or it is done without."""
    root = write_pack(tmp_path / "pack")
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).write_bytes(b"\xff\xfe\x00broken\xed\xa0\x80")
    done = _viva(tmp_path, *_with_pack(command))
    if place == "docs/glossary.md":
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert place in done.stderr
