"""The ranks of a group are born as children of who asked, or none is left."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader.guest import group, namespaces

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are of Linux")
_HERE = (os.getuid(), os.getgid())


def _wait(rank: int) -> NoReturn:
    while True:
        signal.pause()


def _children() -> set[int]:
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()))


@pytest.fixture
def _namespaces() -> None:
    try:
        pid = namespaces.spawn(namespaces.load_libc(), kinds=namespaces.NETWORK)
    except OSError as error:
        pytest.skip(str(error))
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@pytest.mark.usefixtures("_namespaces")
def test_ranks_share_a_network_and_no_other_namespace() -> None:
    """They are this process's own children, in one network that is not this one's, and the holder is gone."""
    before = _children()
    pids = group.spawn(namespaces.load_libc(), [-1, -1], _HERE, _wait)
    try:
        assert _children() - before == set(pids)
        kinds = {kind: [Path(f"/proc/{pid}/ns/{kind}").stat().st_ino for pid in (*pids, os.getpid())]
                 for kind in ("net", "pid", "mnt", "ipc", "uts", "user", "cgroup")}  # fmt: skip
        first, second, own = kinds.pop("net")
        assert first == second != own
        assert {kind: len(set(found)) for kind, found in kinds.items()} == dict.fromkeys(kinds, 3)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@pytest.mark.usefixtures("_namespaces")
def test_when_one_rank_cannot_be_born_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is that of the rank, and the one that was born before it has been ended and waited for."""
    spawn, asked = namespaces.spawn, []

    def refuse_the_second(*given: Any, kinds: int) -> int:
        asked.append(kinds)
        if asked.count(namespaces.RANK) == 2:
            raise OSError(errno.EAGAIN, "no process is left")
        return spawn(*given, kinds=kinds)

    monkeypatch.setattr(namespaces, "spawn", refuse_the_second)
    before = _children()
    with pytest.raises(OSError, match="no process is left"):
        group.spawn(namespaces.load_libc(), [-1, -1, -1], _HERE, _wait)
    assert _children() == before
