"""Starting a judge parent for one exercise version, and giving it jobs."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.box.parent import answers, dismiss, end, last_words, still_there
from grader.errors import JudgeError
from grader.judge.job import SCRATCH_PREFIX, Job, Proof, SuiteSpec
from grader.wire.passing import receive_message, send_message
from grader.wire.threads import ONE_THREAD

START_WITHIN_S = 120.0
_BOOT = "import sys; sys.path[:] = {path!r}; from grader.judge.parent import main; main({control})"

# No name server is asked: where ranks meet, torch wants each peer's name, and one that nobody answers costs a second.
_ASKS_NOBODY = {"RES_OPTIONS": "attempts:0"}


class SuiteError(JudgeError):
    """A suite or its reference does not load; trying again would not help."""


class JudgeProcess:
    """A process that can become a judge parent: it imports what every judge needs, and waits to hear of a suite."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, ignore_cleanup_errors=True)
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOT.format(path=trusted_path(), control=theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.stderr,
                pass_fds=(theirs.fileno(),),
                cwd="/",
                env=_environment(self.folder.name),
                start_new_session=True,  # a Ctrl-C is the engine's to answer
            )

    def close(self) -> None:
        """End it."""
        end(self.process, self.control)
        self.stderr.close()
        self.folder.cleanup()


class JudgeParent:
    """A process that has collected one exercise's suite. The first use waits for it; safe to use from threads."""

    def __init__(self, spec: SuiteSpec, *, warm: bool, fresh: JudgeProcess | None = None) -> None:
        """`fresh` is a process that was started before it was known what for; without it, one is started now."""
        self.cases: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._broken = ""
        self._spec = spec
        self._own = fresh or JudgeProcess()
        self._control, self._process, self._stderr = self._own.control, self._own.process, self._own.stderr
        with contextlib.suppress(OSError):  # it has died; waiting for it will say so
            send_message(self._control, {"spec": spec.to_data(), "warm": warm})
        self._ready = False

    @property
    def name(self) -> str:
        """The exercise."""
        return self._spec.exercise

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process is still there."""
        return still_there(self._process, self._control)

    def answers(self) -> bool:
        """Whether the parent itself still answers: a process that is being ended may be there for a while longer."""
        with self._lock:
            return answers(self._control)

    def wait_ready(self) -> None:
        """Wait until the suite is collected.

        Raises SuiteError with what is wrong with it, JudgeError when the process ended before it could tell.
        """
        with self._lock:
            if not self._ready and not self._broken:
                self._receive_state()
        if self._broken:
            raise SuiteError(f"the suite of {self._spec.exercise} does not load: {self._broken}")

    def _receive_state(self) -> None:
        try:
            self._control.settimeout(START_WITHIN_S)
            message = receive_message(self._control)
        except OSError:
            message = None
        if message is None:
            raise JudgeError(f"the judge parent did not start: {last_words(self._process, self._stderr)}")
        if message[0]["event"] == "ready":
            self.cases = message[0]["cases"]
            self._ready = True
        else:
            self._broken = message[0]["message"]

    def submit(self, job: Job, guests: socket.socket, wall_s: float) -> socket.socket:
        """Have a judge forked for `job` that asks for boxes over `guests` and has `wall_s` for all of it.

        Returns the stream of its results.
        """
        self.wait_ready()
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                send_message(self._control, {"job": asdict(job), "wall_s": wall_s}, (theirs.fileno(), guests.fileno()))
            except OSError as error:
                ours.close()
                raise JudgeError("the judge parent is gone") from error
        return ours

    def prove(self, proof: Proof) -> socket.socket:
        """Have a prover forked for `proof`; returns the stream of what it finds."""
        self.wait_ready()
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                send_message(self._control, {"proof": asdict(proof)}, (theirs.fileno(),))
            except OSError as error:
                ours.close()
                raise JudgeError("the judge parent is gone") from error
        return ours

    def dismiss(self) -> None:
        """Tell the parent to end, without waiting for it."""
        dismiss(self._control)

    def close(self) -> None:
        """End the parent, and with it every judge that is running."""
        end(self._process, self._control)  # first, so that whoever waits for it with the lock lets go
        with self._lock:
            self._own.close()


def trusted_path() -> list[str]:
    """Where this process found its modules, but never the current folder, where submissions may lie."""
    here = os.getcwd()  # noqa: PTH109 - compared as text with entries of sys.path
    own = str(Path(__file__).resolve().parent.parent.parent)
    return [own, *(entry for entry in sys.path if entry and entry not in (here, own))]


def _environment(scratch: str) -> dict[str, str]:
    """The environment of this process without what would change pytest or the interpreter."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    return {**kept, **ONE_THREAD, **_ASKS_NOBODY, "TMPDIR": scratch, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def findings_of(stream: socket.socket, within_s: float) -> Iterator[dict[str, Any]]:
    """Messages of one prover until the last, which comes within `within_s` of the one before. Raises JudgeError."""
    stream.settimeout(within_s)
    while True:
        try:
            message = receive_message(stream)
        except OSError as error:
            raise JudgeError(f"a prover said nothing for {within_s:g} s or broke off") from error
        if message is None:
            raise JudgeError("a prover ended before its proof")
        if message[0]["event"] == "broken":
            raise JudgeError(f"a prover failed: {message[0]['message']}")
        yield message[0]
        if message[0]["event"] == "proved":
            return


def results_of(stream: socket.socket, within_s: float) -> Iterator[dict[str, Any]]:
    """Messages of one judge until the last, all within `within_s`; how its run ended is the last one's `event`.

    Raises JudgeError when neither the judge nor its parent says how it ended.
    """
    ends = time.monotonic() + within_s
    while True:
        try:
            stream.settimeout(max(0.001, ends - time.monotonic()))
            message = receive_message(stream)
        except OSError as error:
            raise JudgeError(f"a judge and its parent said nothing for {within_s:g} s or broke off") from error
        if message is None:
            raise JudgeError("a judge ended before its verdict")
        yield message[0]
        if message[0]["event"] != "case":
            return
