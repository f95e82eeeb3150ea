"""Whatever fails on our side ends with status 2 and one sentence: status 1 means "not accepted"."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT

_VIVA = "from grader.cli import main; main()"
_RIGHT = str(ROOT / "reference" / "f1_auc" / "solution.py")
_WRONG = str(ROOT / "examples" / "f1_auc" / "half_right.py")
COMMANDS: Mapping[str, list[str]] = {
    "list": ["list"],
    "list json": ["list", "--json"],
    "show": ["show", "f1_auc"],
    "stats": ["stats"],
    "export": ["export", "csv"],
    "progress": ["progress"],
    "progress export": ["progress", "export"],
    "engine status": ["engine", "status", "--json"],
    "grade": ["grade", "f1_auc", _WRONG],
    "grade json": ["grade", "f1_auc", _WRONG, "--json"],
    "help": ["--help"],
    "version": ["--version"],
}


def _environment(folder: Path, **more: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    kept = {name: value for name, value in os.environ.items() if name not in ("VIVA_DEBUG", "HOME")}
    own = {
        "PYTHONPATH": path,
        "VIVA_HOME": str(folder / "home"),
        "VIVA_RUNTIME": str(folder / "runtime"),
        "LC_ALL": "C.UTF-8",
    }
    return {**kept, **own, **more}


def _shell(script: str, folder: Path, arguments: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in which `viva` stands for the command and its arguments."""
    words = [sys.executable, "-c", _VIVA, *arguments]
    line = script.replace("viva", '"$@"')
    return subprocess.run(
        ["/bin/bash", "-c", line, "bash", *words],
        cwd=folder,
        env=_environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=120,
    )


def _is_one_sentence(text: str, begins: str = "viva: ") -> bool:
    return text.startswith(begins) and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("command", COMMANDS)
def test_output_to_a_full_disk(command: str, tmp_path: Path) -> None:
    """The disk is named, and room is asked for."""
    done = _shell("viva > /dev/full", tmp_path, COMMANDS[command])
    assert done.returncode == 2, done.stderr
    assert _is_one_sentence(done.stderr), done.stderr
    assert "make room" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_closed_output(command: str, tmp_path: Path) -> None:
    """Nothing is done for nobody."""
    done = _shell("viva >&-", tmp_path, COMMANDS[command])
    assert (done.returncode, _is_one_sentence(done.stderr, "viva: standard output is closed")) == (2, True), done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_closed_errors_and_input_change_nothing(command: str, tmp_path: Path) -> None:
    """Files that are opened later do not land on their descriptors."""
    plain = _shell("viva", tmp_path, COMMANDS[command])
    without = _shell("viva 2>&- <&-", tmp_path, COMMANDS[command])
    assert plain.returncode == without.returncode
    assert bool(plain.stdout) == bool(without.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_leaves_hears_nothing(command: str, tmp_path: Path) -> None:
    """As tools do; and it is no verdict."""
    done = _shell("viva | true; echo ${PIPESTATUS[0]}", tmp_path, COMMANDS[command], PYTHONUNBUFFERED="1")
    assert done.stderr == ""
    assert int(done.stdout) in (0, 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_gone(command: str, tmp_path: Path) -> None:
    """What needs no folder works all the same; never a traceback."""
    script = 'mkdir gone; cd gone; rmdir "$PWD"; viva'
    done = _shell(script, tmp_path, COMMANDS[command])
    assert "Traceback" not in done.stderr
    assert done.returncode == _shell("viva", tmp_path, COMMANDS[command]).returncode or _is_one_sentence(done.stderr)


def test_a_relative_path_from_a_folder_that_is_gone(tmp_path: Path) -> None:
    """It cannot be looked up."""
    done = _shell('mkdir gone; cd gone; rmdir "$PWD"; viva', tmp_path, ["grade", "f1_auc", "mine.py"])
    assert (done.returncode, _is_one_sentence(done.stderr)) == (2, True), done.stderr


@pytest.mark.parametrize("command", ["list", "progress", "grade", "engine status"])
@pytest.mark.parametrize(
    "missing",
    [{"HOME": "/nonexistent"}, {"HOME": ""}, {"TMPDIR": "/nonexistent"}, {"VIVA_CACHE": "/dev/null/x"}],
    ids=str,
)
def test_places_that_are_not_there(command: str, missing: dict[str, str], tmp_path: Path) -> None:
    """Each is done without, or named in one sentence."""
    plain = _shell("viva", tmp_path, COMMANDS[command])
    done = _shell("viva", tmp_path, COMMANDS[command], **missing)
    assert done.returncode == plain.returncode or (done.returncode == 2 and _is_one_sentence(done.stderr)), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["/dev/null/x", "/proc/nowhere", "/dev/full"])
@pytest.mark.parametrize("command", ["progress", "progress export"])
def test_a_home_that_cannot_be_used(command: str, place: str, tmp_path: Path) -> None:
    """Progress says which folder."""
    done = _shell("viva", tmp_path, COMMANDS[command], VIVA_HOME=place)
    assert (done.returncode, _is_one_sentence(done.stderr)) == (2, True), done.stderr
    assert place in done.stderr


@pytest.mark.parametrize("place", ["/dev/null/x", "/proc/nowhere"])
def test_a_runtime_folder_that_cannot_be_made(place: str, tmp_path: Path) -> None:
    """The background engine says which."""
    done = _shell("viva", tmp_path, ["engine", "start"], VIVA_RUNTIME=place)
    assert (done.returncode, _is_one_sentence(done.stderr)) == (2, True), done.stderr
    assert place in done.stderr


_RAISES = """
import grader.cli.catalogue as catalogue
def list_all(*_, **__): raise {error}
catalogue.list_all = list_all
from grader.cli import main; main()
"""


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("MemoryError", "memory|内存"),
        ("RecursionError", "nested|嵌套"),
        ("ZeroDivisionError('x\\n\\x1b[31my')", r"ZeroDivisionError: x \\x1b\[31my"),
        ("PermissionError(13, 'Permission denied', '/etc/x')", "/etc/x"),
        ("BrokenPipeError(32, 'Broken pipe')", "Broken pipe"),
        ("UnicodeEncodeError('utf-8', 'a\\udc80', 1, 2, 'surrogates not allowed')", "UnicodeEncodeError"),
        ("SystemError", "SystemError"),
        ("KeyError('x')", "KeyError"),
    ],
)
def test_any_exception_of_ours(error: str, says: str, lang: str, tmp_path: Path) -> None:
    """It is ours: status 2 in one line of the person's language."""
    command = [sys.executable, "-c", _RAISES.format(error=error), "list", "--lang", lang]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=_environment(tmp_path), timeout=60)
    assert (done.returncode, _is_one_sentence(done.stderr)) == (2, True), done.stderr
    assert re.search(says, done.stderr)
    assert bool(re.search("[\u4e00-\u9fff]", done.stderr)) == (lang == "zh")


def test_the_traceback_is_there_for_those_who_ask(tmp_path: Path) -> None:
    """`VIVA_DEBUG=1` shows it, and the status is the same."""
    command = [sys.executable, "-c", _RAISES.format(error="KeyError('x')"), "list"]
    environment = _environment(tmp_path, VIVA_DEBUG="1")
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_a_package_that_is_missing(tmp_path: Path) -> None:
    """What cannot be imported is no verdict either."""
    script = f"import sys; sys.modules['typer'] = None; {_VIVA}"
    command = [sys.executable, "-c", script, "list"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=_environment(tmp_path), timeout=60)
    assert (done.returncode, _is_one_sentence(done.stderr)) == (2, True), done.stderr
    assert "typer" in done.stderr


# An interpreter may lie where others cannot go, so everything is imported before the identity is given up.
_AS_NOBODY = """
import os, platformdirs, encodings.idna
import grader.cli.run, grader.cli.progress, grader.store.progress, grader.report.escaping, grader.cli.ending
os.setgroups([]); os.setgid(65534); os.setuid(65534)
from grader.cli import main; main()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
@pytest.mark.parametrize("kind", ["unreadable folder", "unreadable file", "read-only file"])
def test_a_store_that_a_person_may_not_use(kind: str) -> None:
    """Said in one sentence that names it, and it is left as it was."""
    folder = Path(tempfile.mkdtemp(prefix="viva-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        home, store = folder / "home", folder / "home" / "progress.sqlite"
        assert _shell("viva", folder, ["progress"]).returncode == 0
        before = store.read_bytes()
        home.chmod(0o700 if kind == "unreadable folder" else 0o755)
        store.chmod(0o600 if kind == "unreadable file" else 0o644)
        command = [sys.executable, "-c", _AS_NOBODY, "progress", "export"]
        done = subprocess.run(command, cwd="/", env=_environment(folder), capture_output=True, text=True, timeout=60)
        assert (done.returncode, _is_one_sentence(done.stderr)) == (2, True), done.stderr
        assert str(home) in done.stderr
        assert store.read_bytes() == before
    finally:
        shutil.rmtree(folder)
