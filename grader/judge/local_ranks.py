"""Ranks without a judge: processes forked from the one that runs pytest, for authors, candidates and mutants.

Each serves the same session over a socket pair as a guest in a box does, so a suite sees the same handles, but nothing
confines it: this is for code that is trusted, or the person's own. A rank ends with its connection, with its parent
where the kernel can see to that, and when its stream ends otherwise.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from grader.guest.confinement import die_with_parent
from grader.guest.namespaces import load_libc
from grader.guest.session import GuestSession
from grader.guest.warm import warm_once
from grader.judge.connection import words_of_exit
from grader.judge.ranks import Group, Rank
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.frame import Caps, ConnectionLost, Frame, FrameReader, send_frame

CASE_WALL_S = (
    30.0  # nobody else keeps the clock under plain pytest; the first step of an optimizer imports hundreds of modules
)
_DYING_WITHIN_S = 0.5
_HUNG_UP = Text(en="the code closed its connection", zh="代码关闭了自己的连接")


class LocalConnection:
    """A forked process that serves one session, and ends with this object's `close`."""

    def __init__(self, caps: Caps, others: Sequence[LocalConnection]) -> None:
        """Fork; the child lets go of its siblings' ends, so that each ends with its own."""
        sys.stdout.flush()  # or each rank would print again what is waiting here
        sys.stderr.flush()
        self.raised: BaseException | None = None  # stays in the other process
        self._caps = caps
        self._status: int | None = None  # known once it has been waited for
        self._stream, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            _be_rank(theirs, [self._stream, *(other._stream for other in others)])
        theirs.close()
        self._reader = FrameReader(self._stream, caps)

    def send(self, frame: Frame, deadline: float) -> None:
        """Write a frame; raises ConnectionLost or DeadlineExceeded."""
        self._stream.settimeout(max(0.001, deadline - time.monotonic()))
        send_frame(self._stream, frame, self._caps)

    def receive(self, deadline: float) -> Frame:
        """Read a frame; raises ConnectionLost, DeadlineExceeded or WireError."""
        return self._reader.read(deadline)

    def awaited(self) -> Iterator[tuple[int, int]]:
        """What to wait for beside other connections."""
        yield self._stream.fileno(), select.POLLIN

    def attend(self, events: Mapping[int, int]) -> bool:
        """Whether there is something to read."""
        return self._stream.fileno() in events or self._reader.has_early

    def cause_of_death(self) -> tuple[Status, Text]:
        """Why the process ended by itself."""
        ends = time.monotonic() + _DYING_WITHIN_S
        while not self._wait(os.WNOHANG) and time.monotonic() < ends:
            time.sleep(0.005)  # its stream ends a moment before it can be waited for
        return Status.RUNTIME_ERROR, _HUNG_UP if self._status is None else words_of_exit(self._status)

    def close(self) -> None:
        """End the process."""
        self._stream.close()
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._wait(0)

    def _wait(self, options: int) -> bool:
        pid, status = os.waitpid(self._pid, options) if self._status is None else (self._pid, 0)
        if pid and self._status is None:
            self._status = os.waitstatus_to_exitcode(status)
        return pid != 0


def _be_rank(stream: socket.socket, inherited: Sequence[socket.socket]) -> NoReturn:
    """The life of a rank: it never returns into the code that forked it."""
    try:
        die_with_parent(load_libc())
        for other in inherited:
            other.close()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:1")  # torch asks for each peer's name: nobody knows it
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)  # a forked process hangs in threads that its parent had
        with contextlib.suppress(ConnectionLost):
            GuestSession(stream, Caps()).serve()
    finally:
        os._exit(0)


class LocalRanks:
    """The ranks of one module; with the end of a case they end too, or are kept for the next, as a judge's guests."""

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._ranks: list[Rank[LocalConnection]] = []
        self._group: Group | None = None

    def start(self, count: int, candidate: str, driver: str | None, seed: int) -> Group:
        """A group of `count` ranks, each with both sources loaded; rank r's generators are seeded with `seed` + r."""
        if len(self._ranks) < count:
            self.end()
            self._fork(count)
            self._group = Group(self._ranks, case_wall_s=CASE_WALL_S)
            self._group.load(candidate, driver)
        else:
            self._group = Group(self._ranks[:count], case_wall_s=CASE_WALL_S)
            for rank in self._ranks:
                rank.bridge.reset()
        for number, rank in enumerate(self._ranks):
            rank.bridge.seed(seed + number)
        return self._group

    def release(self) -> None:
        """The case is over: only ranks with which nothing went wrong may be kept."""
        spent = self._group is not None and self._group.spent
        if spent or not self._keep or not all(rank.is_whole for rank in self._ranks):
            self.end()

    def end(self) -> None:
        """End all processes."""
        while self._ranks:
            self._ranks.pop().connection.close()

    def _fork(self, count: int) -> None:
        warm_once()
        caps = Caps()
        for _ in range(count):
            before = [rank.connection for rank in self._ranks]
            self._ranks.append(Rank(LocalConnection(caps, before), caps))
