"""Submissions that are hostile as files, before any of their code could run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.grading.grade import Options, grade
from grader.grading.intake import Rejection, admit, find_submissions, read_submission
from grader.model.submission import Submission
from grader.model.verdict import Status

from .conftest import Bench, exercise_with

REPOSITORY = Path(__file__).resolve().parents[2]
HONEST = "def f1_score(y_true, y_pred, average='binary'): return 0.5\ndef roc_auc(y_true, y_score): return 0.5\n"


def _text(text: str | bytes) -> Callable[[Path], None]:
    data = text if isinstance(text, bytes) else text.encode()
    return lambda path: path.write_bytes(data) and None


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stream:
        stream.bind(os.path.relpath(path))  # an absolute path may be too long for a socket


def _device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a device")
    os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))


NESTED_FINALLY = "def f1_score(): pass\ndef roc_auc(): pass\n" + "".join(
    f"{' ' * depth}try: pass\n{' ' * depth}finally:\n" for depth in range(60)
)
MANY_MEANINGS = "".join(f"{'el' if n else ''}if {n}: import {chr(97 + n)} as x\n" for n in range(16))
NESTED_OR = ("(x.a or " * 90 + "x" + ")" * 90 + ".b\n") * 70
FILES = {
    "a folder": (Path.mkdir, "not_a_file"),
    "a pipe that nobody writes to": (os.mkfifo, "not_a_file"),
    "an endless device": (_device, "not_a_file"),
    "a socket": (_socket, "not_a_file"),
    "a link to another file": (_link("/etc/passwd"), "symlink"),
    "a link to an endless device": (_link("/dev/zero"), "symlink"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "symlink"),
    "a link to a file of this process": (_link("/proc/self/environ"), "symlink"),
    "a megabyte of source": (_text(HONEST + "# padding\n" * 200_000), "too_large"),
    "a sparse terabyte": (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40), "too_large"),
    "a null byte": (_text(HONEST + "x = '\0'\n"), "null_byte"),
    "UTF-16": (_text(HONEST.encode("utf-16")), "encoding"),
    "bytes that are no text": (_text(b"\xff\xfe\xfd" * 100), "encoding"),
    "a zip archive": (_text(b"PK\x03\x04" + bytes(100)), "null_byte"),
    "nothing": (_text(""), "empty"),
    "only a comment": (_text("# f1_score roc_auc\n"), "empty"),
    "a thousand brackets": (_text(HONEST + "(" * 1000 + ")" * 1000), "syntax"),
    "a thousand operators": (_text(HONEST + "x = " + "-" * 5000 + "1\n"), "too_complex"),
    "a chain of attributes": (_text(HONEST + "x = a" + ".b" * 5000 + "\n"), "too_complex"),
    "one name of many meanings in nested conditions": (_text(HONEST + MANY_MEANINGS + NESTED_OR), "too_complex"),
    "a dotted name of a gigabyte": (_text(HONEST + "import " + ".".join("a" * 30_000)), "too_complex"),
    "native code": (_text(HONEST + "import torch\ntorch.ctypes.CDLL(None)\n"), "forbidden"),
    "a huge number": (_text(HONEST + "x = " + "9" * 5000 + "\n"), "syntax"),
    "blocks that end in nothing": (_text(NESTED_FINALLY), "syntax"),
    "an indentation that varies": (_text(HONEST + "if 1:\n\tx = 1\n        y = 2\n"), "syntax"),
    "no entry point": (_text("print('hello')\n"), "missing_entry_point"),
}


@pytest.mark.parametrize(("make", "reason"), FILES.values(), ids=FILES.keys())
def test_an_odd_file_is_rejected_with_its_reason(
    make: Callable[[Path], None], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numpy_bench: Bench
) -> None:
    """It is neither followed, waited for nor run; the verdict is `rejected`, without points, and says why."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "submission.py"
    make(path)
    exercise = exercise_with("f1_auc", None)
    outcome = read_submission(path, exercise)
    assert isinstance(outcome, Rejection)
    verdict = grade(exercise, outcome, numpy_bench.engine, Options(seed=1))
    assert (outcome.reason in (reason, "too_complex"), verdict.status, verdict.score) == (True, Status.REJECTED, 0.0)
    assert verdict.message.strip()


def test_dots_in_a_path_lead_nowhere_else(tmp_path: Path) -> None:
    """A path with `..` is that file and no other; as the name of a submission it has no effect on any other path."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "mine.py").write_text(HONEST)
    path = tmp_path / "inside" / ".." / "mine.py"
    outcome = read_submission(path, exercise_with("f1_auc", None))
    assert isinstance(outcome, Submission)
    assert outcome.source == HONEST


def test_a_folder_of_submissions_follows_no_link(tmp_path: Path) -> None:
    """Of a folder of submissions only its own files are read; a link among them is rejected and not followed."""
    (tmp_path / "a.py").write_text(HONEST)
    (tmp_path / "b.py").symlink_to("/etc/passwd")
    found = find_submissions([tmp_path]).submissions
    outcomes = [read_submission(path, exercise_with("f1_auc", None)) for path in found]
    assert [type(outcome) for outcome in outcomes] == [Submission, Rejection]


@pytest.mark.parametrize("cookie", ["utf-7", "rot13", "unicode_escape", "latin-1"])
def test_an_encoding_cookie_hides_nothing(cookie: str) -> None:
    """What was looked at is what is run: a cookie that names another encoding changes neither."""
    data = f"# -*- coding: {cookie} -*-\nimport sklearn\n{HONEST}".encode()
    assert getattr(admit("x.py", data, exercise_with("f1_auc", None)), "reason", None) == "forbidden"


_RUN = """
import json, sys
from pathlib import Path
sys.path.insert(0, {repository!r})
from grader.grading.grade import Options, grade
from grader.grading.intake import read_submission
from grader.wiring import open_engine, open_exercise

exercise = open_exercise("f1_auc")
with open_engine("strict", warm=False) as engine:
    for path in sorted(Path.cwd().glob("*.py")):
        if path.name in ("right.py", "wrong.py"):
            verdict = grade(exercise, read_submission(path, exercise), engine, Options(seed=1, diagnose=False))
            print(path.name, verdict.status.value)
"""
NAMES_BESIDE = "conftest sitecustomize usercustomize pytest numpy msgspec grader json test_hidden"
_ENDS = "import os\nprint('accepted')\nos._exit(0)\n"


def test_files_beside_a_submission_change_nothing(tmp_path: Path) -> None:
    """No conftest.py, pytest.ini, setup.cfg, sitecustomize.py or module of a well-known name beside it is looked at."""
    exercise = exercise_with("f1_auc", None)
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "right.py").write_bytes(exercise.solution.read_bytes())
    (beside / "wrong.py").write_text(HONEST)
    for name in NAMES_BESIDE.split():
        (beside / f"{name}.py").write_text(_ENDS)
    for name in ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"):
        section = {"setup.cfg": "tool:pytest", "pyproject.toml": "tool.pytest.ini_options"}.get(name, "pytest")
        (beside / name).write_text(f"[{section}]\naddopts = '--collect-only'\n")
    (beside / "zz.pth").write_text("import os; os._exit(0)\n")
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(_RUN.format(repository=str(REPOSITORY))))
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=beside, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == ["right.py accepted", "wrong.py wrong_answer"], done.stderr[-2000:]
