"""An engine in a process of its own, which a person may leave running so that every command finds its parents warm.

Theory of operation. The process holds a lock, an engine, and a Unix socket in a folder that only its user can enter.
A client connects once per question: `Question -> answer`, both plain data (while a
verdict is made, perhaps that a case is late comes before); `grader.engine.door` hears them. While a
verdict is made, the client's hanging up calls it off. When no question came for as long as was agreed, or somebody says
`stop`, the process ends, and with it every parent. What it runs for a client is what the client could run itself: it is
the same user, which the kernel confirms for every connection. Even so, one bad client costs only itself its answer.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import threading
import time
import traceback
from dataclasses import asdict
from typing import Any, Literal

import msgspec

from grader.engine.cancellation import Cancellation
from grader.engine.door import Door, Say
from grader.engine.engine import Engine
from grader.engine.judges import SuiteError
from grader.engine.order import Order
from grader.engine.place import Place
from grader.errors import BoxError, GraderError, JudgeError
from grader.judge.job import Job
from grader.model.text import Text
from grader.wire.passing import BrokenMessage, decoded


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client may ask; `order` is needed to start and to judge, `job` to judge."""

    ask: Literal["stop", "status", "start", "judge"]
    order: Order | None = None
    job: Job | None = None


class Server:
    """Answers questions until it is stopped or has been idle for too long."""

    def __init__(self, place: Place, *, idle_s: float, gpu_lanes: int = 1) -> None:
        self._place = place
        self._idle_s = idle_s
        self._engine = Engine(strict=True, warm=True, gpu_lanes=gpu_lanes)
        self._lock = threading.Lock()
        self._in_flight = 0
        self._verdicts = 0
        self._started = self._last = time.monotonic()
        self._stopping = threading.Event()
        self._door: Door | None = None

    def serve(self) -> None:
        """Take connections; returns when it is time to end."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self._place.socket))
            self._place.socket.chmod(0o600)
            self._door = Door(listener, self._attend)
            try:
                self._door.serve(self._over)
            finally:
                self._door.close()

    def close(self) -> None:
        """End every parent."""
        self._engine.close()

    def stop(self, *_: object) -> None:
        """End soon; also a signal handler."""
        self._stopping.set()
        if self._door is not None:
            self._door.ring()

    def _over(self) -> bool:
        self._engine.bury()
        with self._lock:
            idle = not self._in_flight and time.monotonic() - self._last > self._idle_s
        return idle or self._stopping.is_set()

    def _attend(self, said: bytes, cancellation: Cancellation, say: Say) -> None:
        with self._lock:
            self._in_flight += 1
        answer = self._answer_safely(said, cancellation, say)
        with self._lock:
            self._in_flight -= 1
            self._last = time.monotonic()
        say(answer)
        if "stopping" in answer:  # not before it was said
            self.stop()

    def _answer_safely(self, said: bytes, cancellation: Cancellation, say: Say) -> dict[str, Any]:
        """The answer to a question, whatever was said and whatever goes wrong."""
        try:
            return self._answer(decoded(said, Question), cancellation, say)
        except (GraderError, BrokenMessage) as error:
            kind = "box" if isinstance(error, BoxError) else "suite" if isinstance(error, SuiteError) else "judge"
            return {"failed": kind, "message": str(error)}
        except Exception as error:  # noqa: BLE001 - a fault of ours must cost one answer, and be found in the log
            traceback.print_exc(file=sys.stderr)
            return {"failed": "judge", "message": f"the background engine failed: {type(error).__name__}: {error}"}

    def _answer(self, question: Question, cancellation: Cancellation, say: Say) -> dict[str, Any]:
        if question.ask == "stop":
            return {"pid": os.getpid(), "stopping": True}
        if question.ask == "status":
            return self._status()
        if question.order is None:
            raise JudgeError(f"a question to {question.ask} names no order")
        if question.ask == "start":
            self._engine.begin(question.order)
            return {}
        if question.job is None:
            raise JudgeError("a question to judge names no job")

        def tell(title: Text, seconds: float) -> None:
            say({"late": {"title": asdict(title), "seconds": seconds}})

        judged = self._engine.carry_out(question.order, question.job, cancellation, tell)
        with self._lock:
            self._verdicts += 1
        return {"judged": asdict(judged)}

    def _status(self) -> dict[str, Any]:
        now = time.monotonic()
        with self._lock:
            figures = {"verdicts": self._verdicts, "in_flight": self._in_flight - 1, "idle_s": now - self._last}
        parents = [asdict(parent) for parent in self._engine.standing()]
        return {
            "pid": os.getpid(),
            "up_s": now - self._started,
            "idle_limit_s": self._idle_s,
            **figures,
            "parents": parents,
        }


def main(idle_s: float, gpu_lanes: int = 1) -> int:
    """Be the background engine of this user; 0 when it has ended in order, 1 when there is one already."""
    place = Place.of_user()
    with open(place.lock, "w", encoding="ascii") as lock:  # noqa: PTH123
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return 1
        place.socket.unlink(missing_ok=True)  # of one that was killed
        server = Server(place, idle_s=idle_s, gpu_lanes=gpu_lanes)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.stop)
        try:
            server.serve()
        finally:
            place.socket.unlink(missing_ok=True)
            server.close()
    return 0
