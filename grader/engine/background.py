"""An engine in a process of its own, which a person may leave running so that every command finds its parents warm.

Theory of operation. The process holds a lock, an engine, and a Unix socket in a folder that only its user can enter.
A client connects once per question: `[question] -> answer`, both plain data. While a verdict is made, the client's
hanging up calls it off. When no question came for as long as was agreed, or somebody says `stop`, the process ends, and
with it every parent. What it runs for a client is what the client could run itself: it is the same user, which the
kernel confirms for every connection.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import threading
import time
from dataclasses import asdict
from typing import Any

from grader.engine.cancellation import Cancellation
from grader.engine.engine import Engine
from grader.engine.judges import SuiteError
from grader.engine.order import Order
from grader.engine.place import Place, user_of
from grader.errors import BoxError, GraderError
from grader.judge.job import Job
from grader.wire.passing import receive_message, send_message

_LOOK_EVERY_S = 1.0


class Server:
    """Answers questions until it is stopped or has been idle for too long."""

    def __init__(self, place: Place, *, idle_s: float) -> None:
        self._place = place
        self._idle_s = idle_s
        self._engine = Engine(strict=True, warm=True)
        self._lock = threading.Lock()
        self._in_flight = 0
        self._verdicts = 0
        self._started = self._last = time.monotonic()
        self._stopping = threading.Event()

    def serve(self) -> None:
        """Take connections; returns when it is time to end."""
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(self._place.socket))
            self._place.socket.chmod(0o600)
            door.listen(64)
            door.settimeout(_LOOK_EVERY_S)
            while not self._over():
                with contextlib.suppress(TimeoutError):
                    client, _ = door.accept()
                    threading.Thread(target=self._attend, args=(client,), daemon=True).start()

    def close(self) -> None:
        """End every parent."""
        self._engine.close()

    def stop(self, *_: object) -> None:
        """End soon; also a signal handler."""
        self._stopping.set()

    def _over(self) -> bool:
        with self._lock:
            idle = not self._in_flight and time.monotonic() - self._last > self._idle_s
        return idle or self._stopping.is_set()

    def _attend(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if user_of(client) != os.geteuid():
                return
            client.settimeout(10)
            message = receive_message(client)
            if message is None:
                return
            with self._lock:
                self._in_flight += 1
            try:
                answer = self._answer(message[0], client)
            finally:
                with self._lock:
                    self._in_flight -= 1
                    self._last = time.monotonic()
            send_message(client, answer)

    def _answer(self, question: dict[str, Any], client: socket.socket) -> dict[str, Any]:
        if question["ask"] == "stop":
            self.stop()
            return {"pid": os.getpid()}
        if question["ask"] == "status":
            return self._status()
        order = Order.from_data(question["order"])
        try:
            if question["ask"] == "start":
                self._engine.begin(order)
                return {}
            return self._judge(order, Job(**question["job"]), client)
        except GraderError as error:
            kind = "box" if isinstance(error, BoxError) else "suite" if isinstance(error, SuiteError) else "judge"
            return {"failed": kind, "message": str(error)}

    def _judge(self, order: Order, job: Job, client: socket.socket) -> dict[str, Any]:
        cancellation = Cancellation()
        done = threading.Event()
        threading.Thread(target=_cancel_when_gone, args=(client, cancellation, done), daemon=True).start()
        try:
            judged = self._engine.carry_out(order, job, cancellation)
        finally:
            done.set()
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


def _cancel_when_gone(client: socket.socket, cancellation: Cancellation, done: threading.Event) -> None:
    """Call the verdict off when the client hangs up before it is done."""
    poll = select.poll()
    poll.register(client, select.POLLIN)
    while not done.is_set():
        if poll.poll(200):  # a client has nothing more to say
            cancellation.cancel()
            return


def main(idle_s: float) -> int:
    """Be the background engine of this user; 0 when it has ended in order, 1 when there is one already."""
    place = Place.of_user()
    with open(place.lock, "w", encoding="ascii") as lock:  # noqa: PTH123
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return 1
        place.socket.unlink(missing_ok=True)  # of one that was killed
        server = Server(place, idle_s=idle_s)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.stop)
        try:
            server.serve()
        finally:
            place.socket.unlink(missing_ok=True)
            server.close()
    return 0
