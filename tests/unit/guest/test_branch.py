"""A branch keeps a box ahead only when it could be started, and watches the others whatever became of that one."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from grader.guest import confinement, group, namespaces
from grader.guest.branch import Branch
from grader.guest.cgroup import Cells
from grader.guest.confinement import BoxLimits
from grader.wire.passing import receive_message, send_message

_LIMITS = BoxLimits(cpu_s=1, memory_mb=64, processes=4, output_kb=16)

Spawn = Callable[[object], int]


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Processes that stand for the first process of a box; they wait until they are ended."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch, started: list[int]) -> Iterator[Branch]:
    """A branch in this process, whose first box starts, while the system refuses the second one."""

    def spawn(_: object) -> int:
        if started:
            raise OSError(errno.EAGAIN, "no process is left")
        started.append(os.fork() or _wait_for_the_end())
        return started[-1]

    monkeypatch.setattr(namespaces, "spawn", spawn)
    monkeypatch.setattr(confinement, "call_itself", lambda *_: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    control, theirs = socket.socketpair()
    with control, theirs:
        yield Branch(control, [], Cells(-1), strict=True)


def _wait_for_the_end() -> int:
    while True:
        signal.pause()


def _open_descriptors() -> set[int]:
    """Those of this process, without the one that lists them."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            os.fstat(int(path.name))
            found.add(int(path.name))
    return found


def test_a_spare_that_could_not_be_started_is_not_kept(branch: Branch) -> None:
    """It would be handed to the next client, and while it stood there, the box at work was not looked at."""
    judge, client = socket.socketpair()
    with judge, client:
        branch._clients[client.fileno()] = client
        send_message(judge, {"limits": asdict(_LIMITS)})
        before = _open_descriptors()
        branch._serve_client(client.fileno())
        answer = receive_message(judge, descriptors=3)
        assert answer is not None
        for descriptor in answer[1]:
            os.close(descriptor)
    assert branch._spare is None
    assert branch._watches()
    (box,) = branch._boxes.values()
    kept = {descriptor for descriptor in (box.report.fileno(), box.status, box.death) if descriptor >= 0}
    assert _open_descriptors() - before == kept
    for descriptor in kept:
        os.close(descriptor)
    box.report.detach()


@pytest.mark.parametrize(("device", "ends"), [("cpu", False), ("cuda", True)])
def test_a_retired_branch_lets_a_context_go_and_nothing_else(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, device: str, *, ends: bool
) -> None:
    """Who is still served there may want the spare of the CPU; that of a GPU makes room for another branch's."""
    killed: list[int] = []
    monkeypatch.setattr(branch, "_device", device)
    monkeypatch.setattr(branch, "_kill", lambda box: killed.append(box.init))
    spare = branch._build(_LIMITS)
    branch._keep(spare)
    branch._retire()
    assert killed == [spare.init] * ends
    assert (branch._spare is None) == ends
    for descriptor in (spare.report.fileno(), spare.status, spare.death, *spare.ends):
        os.close(descriptor)
    spare.report.detach()


def test_a_group_starts_as_a_whole_or_not_at_all(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the second rank cannot be born, the first is ended, each box says why, and nothing stays open."""
    born: list[int] = []

    def spawn(libc: object, cells: list[int], *_: object) -> list[int]:
        born.append(len(cells))
        raise OSError(errno.EAGAIN, "no process is left")

    monkeypatch.setattr(group, "spawn", spawn)
    judge, client = socket.socketpair()
    with judge, client:
        branch._clients[client.fileno()] = client
        before = _open_descriptors()
        send_message(judge, {"limits": asdict(_LIMITS), "ranks": 3})
        branch._serve_client(client.fileno())
        answer = receive_message(judge, descriptors=9)
        assert answer is not None
        for report in answer[1][2::3]:
            with socket.socket(fileno=os.dup(report)) as stream:
                told = receive_message(stream)
            assert told is not None
            assert (told[0]["cause"], told[0]["detail"]) == ("refused", "no process is left")
        for descriptor in answer[1]:
            os.close(descriptor)
        assert (len(answer[1]), born, branch._boxes) == (9, [3], {})
        assert _open_descriptors() == before
