"""The background engine as its clients see it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

import psutil

from grader.engine.engine import Engine, Judged
from grader.engine.judges import SuiteError, trusted_path
from grader.engine.news import Late
from grader.engine.order import Order
from grader.engine.place import Place, user_of
from grader.errors import BoxError, JudgeError, UsageError
from grader.guest.placement import CPU
from grader.judge.job import Job
from grader.model.exercise import Exercise
from grader.model.text import Text
from grader.wire.passing import receive_message, send_message

_ANSWERS_WITHIN_S = 5.0
_STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 60.0
_SLACK_S = 200.0  # on top of an exercise's own wall time: two attempts, and cold parents
_BOOT = (
    "import sys; sys.path[:] = {path!r}; from grader.engine.background import main; "
    "sys.exit(main({idle_s}, {gpu_lanes}))"
)
_FAILURES = {"box": BoxError, "suite": SuiteError, "judge": JudgeError}


class RemoteEngine:
    """What `Engine` is, in another process; a connection per verdict, so it may be used from several threads.

    Where the background engine has gone, the work is done by an engine of this process's own.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._own: Engine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, exercise: Exercise, device: str = CPU) -> None:
        """Begin to start both parents for an exercise, without waiting."""
        with contextlib.suppress(JudgeError):  # if it has gone, that is found out when there is something to judge
            ask(self._place, {"ask": "start", "order": Order.of(exercise, device).to_data()})

    def judge(self, exercise: Exercise, job: Job, *, late: Late | None = None) -> Judged:
        """Run one submission; raises what `Engine.judge` raises."""
        question = {"ask": "judge", "order": Order.of(exercise, job.device).to_data(), "job": asdict(job)}
        try:
            answer = ask(self._place, question, 2 * exercise.limits.wall_s + _SLACK_S, late)
        except JudgeError:
            return self._stand_in().judge(exercise, job, late=late)
        if "failed" in answer:
            raise _FAILURES[answer["failed"]](answer["message"])
        judged = answer["judged"]
        return Judged(**{**judged, "cases": tuple(judged["cases"])})

    def close(self) -> None:
        """End what this process has started; the background engine goes on, others may be using it."""
        with self._lock:
            if self._own is not None:
                self._own.close()

    def _stand_in(self) -> Engine:
        with self._lock:
            if self._own is None:
                self._own = Engine(strict=True)
            return self._own


def ask(
    place: Place, question: dict[str, Any], within_s: float = _ANSWERS_WITHIN_S, late: Late | None = None
) -> dict[str, Any]:
    """The answer of the background engine, and before it `late` is told of a case that is.

    Raises JudgeError when there is no engine or it does not answer.
    """
    try:
        with _connected(place) as stream:
            send_message(stream, question)
            stream.settimeout(within_s)
            message = receive_message(stream)
            while message is not None and "late" in message[0]:
                if late is not None:
                    late(Text(**message[0]["late"]["title"]), message[0]["late"]["seconds"])
                message = receive_message(stream)
    except OSError as error:
        raise JudgeError(f"the background engine does not answer ({error})") from error
    if message is None:
        raise JudgeError("the background engine ended before it answered")
    answer: dict[str, Any] = message[0]
    return answer


def find_all() -> list[Place]:
    """Every background engine of this user, those of older code too."""
    return [place for place in Place.every() if is_there(place)]


def find() -> Place | None:
    """Where the background engine of this user and this code listens, if it runs; makes nothing."""
    try:
        place = Place.with_engine()
    except (UsageError, OSError):
        return None
    return place if place is not None and is_there(place) else None


def is_there(place: Place) -> bool:
    """Whether a background engine takes connections."""
    try:
        with _connected(place):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def _connected(place: Place) -> Iterator[socket.socket]:
    """A connection to the engine there; raises OSError when there is none, or when it is somebody else's."""
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(_ANSWERS_WITHIN_S)
        stream.connect(str(place.socket))
        if user_of(stream) != os.geteuid():  # the folder was private when it was looked at, and may have been swapped
            raise PermissionError(f"another user listens on {place.socket}")
        yield stream


def end(place: Place) -> None:
    """Stop the background engine and wait until it is gone; raises JudgeError when it does not go."""
    pid = ask(place, {"ask": "stop"})["pid"]
    ends = time.monotonic() + _ENDS_WITHIN_S
    while _runs(pid):
        if time.monotonic() > ends:
            raise JudgeError(f"the background engine (process {pid}) did not end in {_ENDS_WITHIN_S:g} s")
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether there is such a process; one that has ended and that nobody has reaped does not run."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def launch(place: Place, idle_s: float, gpu_lanes: int = 1) -> None:
    """Start the background engine and wait until it takes connections; raises UsageError when it does not come up."""
    # Not `-m`, which would import from the folder where somebody stands, and submissions may lie there.
    command = [sys.executable, "-I", "-c", _BOOT.format(path=trusted_path(), idle_s=idle_s, gpu_lanes=gpu_lanes)]
    with open(place.log, "wb") as log:  # noqa: PTH123
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd="/",
            env={**os.environ, "VIVA_RUNTIME": str(place.folder.absolute())},
            start_new_session=True,
        )
    ends = time.monotonic() + _STARTS_WITHIN_S
    while not is_there(place):
        if process.poll() is not None or time.monotonic() > ends:
            process.kill()
            raise UsageError(
                f"the background engine did not start; what it said is in {place.log}",
                f"后台引擎未能启动；它的输出在 {place.log}",
            )
        time.sleep(0.02)
