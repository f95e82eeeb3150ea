"""A part of the table and all probes once more, as a plain user: the box must not lean on root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
USER = "61234"  # a user id that nobody has
# A mount namespace of its own shows the checkout and the interpreter where any user may read them.
_SHOW = f"""
set -e
mount -t tmpfs -o mode=0755 none /mnt
mkdir /mnt/checkout /mnt/site /mnt/python
mount --bind {REPOSITORY} /mnt/checkout
mount --bind {sysconfig.get_path("purelib")} /mnt/site
mount --bind {sys.base_prefix} /mnt/python
mkdir -m 0777 /mnt/scratch
cd /mnt/checkout
export HOME=/mnt/scratch TMPDIR=/mnt/scratch PYTHONPATH=/mnt/checkout:/mnt/site PYTHONDONTWRITEBYTECODE=1
export LD_LIBRARY_PATH=/mnt/python/lib OMP_NUM_THREADS=1 PATH=/usr/bin:/bin
exec setpriv --reuid={USER} --regid={USER} --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
  /mnt/python/bin/python{sys.version_info.major}.{sys.version_info.minor} -m pytest -q -p no:cacheprovider "$@"
"""
ROWS = (
    "os_exit_in_a_call", "reads_other_processes", "scans_descriptors", "overwrites_result_files", "fork_bomb",
    "memory_by_processes", "kills_everybody", "attacks_siblings", "escapes_by_system_calls", "stops_itself",
    "mailbox_in_the_kernel", "leases_on_shared_files", "descriptors_in_flight", "honest and host and numpy",
)  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("setpriv") or not shutil.which("unshare"),
        reason="only root can become another user; as a plain user the tests beside this one are that test already",
    ),
]


def _as_plain_user(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SHOW, "sh", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(autouse=True)
def _user_namespaces() -> None:
    tried = subprocess.run(
        ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
         "unshare", "--user", "true"], capture_output=True, check=False,
    )  # fmt: skip
    if tried.returncode != 0:
        pytest.skip("this system does not let plain users make namespaces, so strict grading needs root here")


def test_hostile_submissions_gain_nothing_as_a_plain_user() -> None:
    """A part of the table, and an honest submission after it, get the same verdicts from a plain user's engine."""
    rows = " or ".join(f"({row})" for row in ROWS)
    done = _as_plain_user("tests/adversarial/test_table.py", "-k", f"gains_nothing and ({rows})")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= len(ROWS), done.stdout[-1000:]


def test_probes_see_nothing_as_a_plain_user() -> None:
    """Every probe sees as little in the box of a plain user's engine."""
    done = _as_plain_user("tests/adversarial/test_probes.py")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_ranks_are_apart_as_a_plain_user() -> None:
    """Boxes of a group share one network and nothing else where a plain user builds them, too."""
    done = _as_plain_user("tests/integration/test_ranks.py", "tests/unit/guest/test_group.py")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout


def test_sources_are_looked_at_apart_as_a_plain_user() -> None:
    """The examiner gives up as much, is replaced, and leaves nothing behind, when a plain user started it."""
    done = _as_plain_user("tests/unit/grading/test_examiners.py", "-k", "not hostile")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
