"""Strict isolation is all or nothing: where one layer cannot be had, nothing is graded and the layer is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.box import bubblewrap
from tests.integration.conftest import RIGHT, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

_ROOT = Path(__file__).resolve().parents[2]
_GRADE = """
from pathlib import Path
from grader.content.pack import load_exercise
from grader.errors import BoxError
from grader.grading.grade import Job
from grader.wiring import open_engine

with open_engine("strict", warm=False) as engine:
    try:
        judged = engine.judge(load_exercise(Path({root!r}), "probe"), Job(source={source!r}, seed=1))
        print("graded", judged.account["layers"])
    except BoxError as error:
        print("BoxError:", error)
"""
# Answers one system call (where `first` is given, only with that first argument) with an error, as an old kernel would.
_WITHOUT_CALL = """
import ctypes, struct
def without(number, error, first=None):
    def op(code, value, yes=0, no=0):
        return struct.pack("HBBI", code, yes, no, value)
    body = [op(0x06, 0x00050000 | error)]
    if first is not None:
        body = [op(0x20, 16), op(0x15, first, 0, 1), *body]
    program = b"".join([op(0x20, 0), op(0x15, number, 0, len(body)), *body, op(0x06, 0x7FFF0000)])
    buffer = ctypes.create_string_buffer(program, len(program))
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))), 0, 0) == 0
"""
_PRCTL = {"x86_64": 157, "aarch64": 167}.get(os.uname().machine, 0)


def _judge(tmp_path: Path, before: str = "", around: tuple[str, ...] = ()) -> str:
    write_exercise(tmp_path)
    script = before + _GRADE.format(root=str(tmp_path), source=RIGHT)
    done = subprocess.run(
        [*around, sys.executable, "-c", script], cwd=_ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def _with_user_namespaces(limit: int) -> tuple[str, ...]:
    return ("unshare", "-Ur", "sh", "-c", f'echo {limit} > /proc/sys/user/max_user_namespaces; exec "$0" "$@"')


needs_unshare = pytest.mark.skipif(shutil.which("unshare") is None, reason="util-linux's unshare makes the conditions")


@needs_unshare
def test_no_user_namespaces_at_all(tmp_path: Path) -> None:
    """Where users may not make namespaces, the refusal says so and what to run."""
    answer = _judge(tmp_path, around=_with_user_namespaces(0))
    assert answer.startswith("BoxError:")
    assert "the layer user-namespace is missing" in answer
    assert "viva doctor" in answer


@needs_unshare
def test_no_namespace_inside_the_prepared_root(tmp_path: Path) -> None:
    """One namespace for the parent is not enough: each box needs its own."""
    answer = _judge(tmp_path, around=_with_user_namespaces(1))
    assert answer.startswith("BoxError:")
    assert "the layer user-namespace is missing" in answer


@needs_unshare
def test_a_container_that_maps_one_user_is_good_enough(tmp_path: Path) -> None:
    """Root of a rootless container is a plain user outside, and can build every layer."""
    assert _judge(tmp_path, around=("unshare", "-Ur")).startswith("graded")


def test_bubblewrap_forbids_namespaces_below(tmp_path: Path) -> None:
    """The same from inside another sandbox that allows no namespaces."""
    program, libraries = bubblewrap.find()
    around = (
        *("env", f"LD_LIBRARY_PATH={libraries}", str(program), "--bind", "/", "/", "--dev-bind", "/dev", "/dev"),
        *("--proc", "/proc", "--unshare-user", "--disable-userns", "--"),
    )
    answer = _judge(tmp_path, around=around)
    assert answer.startswith("BoxError:")
    assert "the layer user-namespace is missing" in answer


def test_no_landlock(tmp_path: Path) -> None:
    """A kernel without Landlock is refused by name."""
    answer = _judge(tmp_path, before=_WITHOUT_CALL + "without(444, 38)\n")
    assert answer.startswith("BoxError:")
    assert "the layer landlock is missing" in answer


@pytest.mark.skipif(_PRCTL == 0, reason="the number of prctl on this machine is not known here")
def test_no_seccomp(tmp_path: Path) -> None:
    """A kernel that refuses filters is refused by name."""
    answer = _judge(tmp_path, before=_WITHOUT_CALL + f"without({_PRCTL}, 22, first=22)\n")
    assert answer.startswith("BoxError:")
    assert "the layer seccomp is missing" in answer


@pytest.mark.skipif(_PRCTL == 0, reason="the number of prctl on this machine is not known here")
def test_capabilities_that_stay(tmp_path: Path) -> None:
    """If the bounding set cannot be emptied, that is a missing layer, and not a detail."""
    answer = _judge(tmp_path, before=_WITHOUT_CALL + f"without({_PRCTL}, 1, first=24)\n")
    assert answer.startswith("BoxError:")
    assert "the layer no-capabilities is missing" in answer


@pytest.mark.parametrize(
    "limits", [{"RLIMIT_NOFILE": 200, "RLIMIT_CORE": 0}, {"RLIMIT_STACK": 4 << 20, "RLIMIT_FSIZE": 32 << 20}], ids=str
)
def test_lower_limits_of_the_host_are_kept(limits: dict[str, int], tmp_path: Path) -> None:
    """A box then gets less than it asks for, and is built all the same."""
    lower = "".join(f"resource.setrlimit(resource.{kind}, ({most}, {most}))\n" for kind, most in limits.items())
    # The superuser may raise what is hard, so this is told of somebody who may not.
    answer = _judge(tmp_path, f"import resource\n{lower}")
    assert answer.startswith("graded"), answer
