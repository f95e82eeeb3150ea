"""Ranks under plain pytest: processes of this one, which end with the case whatever became of them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.judge.failure import GuestFailure
from grader.judge.local_ranks import LocalRanks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="ranks are forked")

SOURCE = """
import os
def pid(): return os.getpid()
def end(rank):
    if rank: os._exit(3)
def only(rank):
    if rank: raise ValueError("no")
"""
SUITE = """
import os

def test_first(ranks):
    print("printed once")
    group = ranks(3)
    pids = group.call("candidate.pid")
    assert len({os.getpid(), *pids}) == 4
    open("pids", "w").write(" ".join(map(str, pids)))
    raise SystemError("the case fails")

def test_second(ranks):
    for pid in map(int, open("pids").read().split()):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        raise AssertionError("a rank was left")
"""


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalRanks]:
    """Ends what was started."""
    (tmp_path / "solution.py").write_text(SOURCE, encoding="utf-8")
    ranks = LocalRanks()
    yield ranks
    ranks.end()


def test_each_rank_is_a_process_and_none_outlives_the_end(local: LocalRanks, tmp_path: Path) -> None:
    """An exception on one of them is that rank's, and leaves both alive until then."""
    group = local.start(2, SOURCE, None, 0)
    pids = group.call("candidate.pid")
    assert len({os.getpid(), *pids}) == 3
    with pytest.raises(ValueError, match="rank 1: no"):
        group.call("candidate.only", [(0,), (1,)])
    local.end()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_rank_that_ends_is_named_with_how(local: LocalRanks, tmp_path: Path) -> None:
    """As in a box."""
    group = local.start(2, SOURCE, None, 0)
    with pytest.raises(GuestFailure, match=r"rank 1: the code ended its own process \(exit status 3\)"):
        group.call("candidate.end", [(0,), (1,)])


def test_the_fixture_ends_ranks_with_their_case(tmp_path: Path) -> None:
    """Under plain pytest, whatever the case raised."""
    (tmp_path / "solution.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "test_public.py").write_text(SUITE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_public.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.count("printed once\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_ranks_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Nobody is there to end them then."""
    (tmp_path / "solution.py").write_text(SOURCE, encoding="utf-8")
    script = """
        import os, sys
        from pathlib import Path
        from grader.judge.local_ranks import LocalRanks
        group = LocalRanks().start(2, Path(sys.argv[1]).read_text(), None, 0)
        print(*group.call("candidate.pid"), flush=True)
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "solution.py")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    pids = [int(pid) for pid in done.stdout.split()]
    ends = time.monotonic() + 5.0
    while any(map(_runs, pids)) and time.monotonic() < ends:
        time.sleep(0.01)
    assert (len(pids), [pid for pid in pids if _runs(pid)]) == (2, [])


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended: where nobody collects orphans, an ended one stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
