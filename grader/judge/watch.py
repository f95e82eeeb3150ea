"""The clock and the end of judges, kept by their parent: a judge that is stuck in C cannot look at a clock itself.

A judge has two limits: one for its whole verdict, and one for what it makes of an answer, which may take a second
longer than the answer might have. Past either it is killed. Of a judge that did not end by itself the engine is told in
which phase it was, on the same stream on which the judge reported, so that what was judged before stays.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.judge.phase import Board, Phase
from grader.wire.passing import send_message

GRACE_S = 1.5  # beyond the wall time: within it an orderly judge says that time is up
_TURN_S = (
    1.0  # beyond a case's time: within it a judge whose guest never finished an answer has turned to the next case
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """A forked judge: the socket that its job goes to and that ends with it, its page, and what the kernel had done."""

    pid: int
    life: socket.socket
    board: Board
    oom_kills: int

    def close(self) -> None:
        """Let go of it; one that still waits for a job ends by itself."""
        self.life.close()
        self.board.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    judge: Spare
    results: socket.socket
    ends: float  # monotonic
    digest_s: float


class Watch:
    """Every judge of one parent that is at work."""

    def __init__(self, poll: select.poll) -> None:
        """`poll` wakes the parent when a judge ends, or when nobody waits for its verdict any more."""
        self._poll = poll
        self._jobs: dict[int, _Job] = {}

    def add(self, judge: Spare, results: int, wall_s: float, digest_s: float) -> None:
        """Begin to watch a judge that was given its job; takes its own copy of the descriptor `results`."""
        stream = socket.socket(fileno=os.dup(results))
        stream.setblocking(False)  # a parent never waits for an engine
        job = _Job(judge=judge, results=stream, ends=time.monotonic() + wall_s + GRACE_S, digest_s=digest_s + _TURN_S)
        self._jobs[judge.pid] = job
        self._poll.register(judge.life, select.POLLIN)
        self._poll.register(stream, 0)

    def wait_ms(self) -> float | None:
        """How long nothing can be due, or a judge that begins to work on an answer now; None while none is at work."""
        now = time.monotonic()
        left_s = [max(0.0, _due(job) - now) for job in self._jobs.values()]
        return 1000 * min(_TURN_S / 2, *left_s) + 1 if left_s else None

    def look(self, ready: set[int]) -> None:
        """End the judges that are late or that nobody waits for, and settle with those that have ended.

        `ready` are the descriptors that woke the parent.
        """
        for pid, job in list(self._jobs.items()):
            late = time.monotonic() >= _due(job)
            if late or {job.judge.life.fileno(), job.results.fileno()} & ready:
                del self._jobs[pid]
                self._settle(job, late=late)

    def forget(self) -> None:
        """In a fork of the parent: hold nothing of the judges at work."""
        for job in self._jobs.values():
            job.results.close()
            job.judge.close()

    def _settle(self, job: _Job, *, late: bool) -> None:
        phase, since = job.judge.board.read()
        lasted_s = time.monotonic() - since
        self._poll.unregister(job.judge.life)
        self._poll.unregister(job.results)
        # One that ended in order is a zombie by now, to which a signal does nothing.
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.judge.pid, signal.SIGKILL)
        status = os.waitpid(job.judge.pid, 0)[1]
        if status:
            with contextlib.suppress(OSError):
                send_message(job.results, _end(job.judge, status, late=late, phase=phase, lasted_s=lasted_s))
        job.results.close()
        job.judge.close()


def _due(job: _Job) -> float:
    phase, since = job.judge.board.read()
    return min(job.ends, since + job.digest_s) if phase is Phase.DIGESTING else job.ends


def _end(judge: Spare, status: int, *, late: bool, phase: Phase, lasted_s: float) -> dict[str, Any]:
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {
        "event": "ended",
        "late": late,
        "digesting": phase is Phase.DIGESTING,
        "lasted_s": lasted_s,
        "out_of_memory": killed and not late and oom_kills() > judge.oom_kills,
        "killed": killed,
        "status": os.waitstatus_to_exitcode(status),
    }


def oom_kills() -> int:
    """How many processes this machine's kernel has ended for want of memory; 0 where it does not say."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
