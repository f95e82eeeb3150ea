"""The box is as strong for a plain user as for root, and does not ask that everybody can read the interpreter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.guest.cgroup import LAYER as CGROUP
from grader.guest.confinement import LAYERS

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = """
import json, os, sys
sys.path[:0] = ["/mnt/open/checkout", "/mnt/open/site"]
from grader.grading.grade import Options, grade
from grader.model.submission import Submission
from grader.wiring import open_engine, open_exercise

exercise = open_exercise("f1_auc")
spy = '''
import os
def f1_score(*a, **k): raise RuntimeError(f"uid={os.getuid()} home={os.path.exists('/mnt')}")
def roc_auc(*a, **k): raise RuntimeError("no")
'''
with open_engine("strict", warm=False) as engine:
    right = grade(exercise, Submission(name="right", source=exercise.solution.read_text()), engine, Options(seed=1))
    seen = grade(exercise, Submission(name="spy", source=spy), engine, Options(seed=1))
print(json.dumps({
    "uid": os.getuid(), "status": right.status, "message": right.message, "layers": right.isolation.layers,
    "seen": next(case.message.en for case in seen.cases if "uid=" in case.message.en) if seen.cases else seen.message,
}))
"""
# A mount namespace of its own shows the checkout and the interpreter where the test wants them, and nobody else.
_SHOW = """
set -e
mount -t tmpfs -o mode=0755 none /mnt
mkdir -p /mnt/open/checkout /mnt/open/site {folder} /mnt/open/python
chmod 0700 {folder}
[ -d {folder}/python ] || mkdir {folder}/python
mount --bind {checkout} /mnt/open/checkout
mount --bind {site} /mnt/open/site
mount --bind {prefix} {folder}/python
chmod {mode} {folder}
export LD_LIBRARY_PATH={folder}/python/lib
exec {run} {folder}/python/bin/{python} -I -c "$SCRIPT"
"""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("useradd") or not shutil.which("unshare"),
    reason="only root can make a user and show it the checkout; as a plain user every other test here is that test",
)


@pytest.fixture
def plain_user() -> Iterator[str]:
    """A user with a home folder, for as long as the test."""
    name = f"viva{uuid.uuid4().hex[:8]}"
    subprocess.run(["useradd", "-m", name], check=True)
    yield name
    subprocess.run(["userdel", "-r", name], check=False, capture_output=True)


def _grade(run: str, mode: str) -> dict[str, Any]:
    script = _SHOW.format(
        folder="/mnt/python-home",
        mode=mode,
        run=run,
        checkout=_ROOT,
        site=sysconfig.get_path("purelib"),
        prefix=sys.base_prefix,
        python=f"python{sys.version_info.major}.{sys.version_info.minor}",
    )
    command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", script]
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"], "SCRIPT": _SCRIPT}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.usefixtures("nothing_left")
def test_a_plain_user_reaches_every_layer(plain_user: str) -> None:
    """Without a privilege to begin with, a user gets the same box: all layers, and right verdicts."""
    seen = _grade(f"runuser -u {plain_user} --", "0755")
    assert seen["uid"] != 0
    assert seen["status"] == "accepted", seen
    assert [layer for layer in seen["layers"] if layer != CGROUP] == list(LAYERS)
    assert "home=False" in seen["seen"]


@pytest.mark.usefixtures("nothing_left")
def test_root_reaches_every_layer_with_an_interpreter_in_a_closed_home() -> None:
    """Root's privileges are really given up, although only root could open the folder of the interpreter."""
    seen = _grade("", "0700")
    assert seen["status"] == "accepted", seen
    assert [layer for layer in seen["layers"] if layer != CGROUP] == list(LAYERS)
    assert "uid=0 " not in seen["seen"]
    assert "home=False" in seen["seen"]
