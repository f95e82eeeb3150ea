"""Asking the examiner: sources go to a process apart, and what comes back is believed only if it is an answer.

One examiner serves this whole process, from any thread; each question has a stream and a child of its own, so that
none waits for another. It is started by the first question, or by `start_early`, and its life hangs on the descriptor
that is held here: whatever ends this process ends it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import msgspec

from grader.errors import JudgeError
from grader.grading.examination import MAX_TEXT, Answer, Finding, Question
from grader.grading.examiner import READY

START_WITHIN_S = 60.0  # a cold disk and a loaded machine included
ANSWERS_WITHIN_S = 30.0  # the child itself has two seconds of CPU
ATTEMPTS = 2
_MAX_ANSWER = 4096
_FOR_THE_LOADER = ("LD_", "DYLD_")  # an interpreter may need them to find its own library
_FORKS = hasattr(os, "fork") and hasattr(socket, "send_fds")
_BOOT = "import sys; sys.path[:0] = {path!r}; from grader.grading import examiner; examiner.{call}"


class _Checked(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """The shape of an answer, as it must arrive."""

    found: Finding
    line: Annotated[int, msgspec.Meta(ge=1, le=2**31)]
    column: Annotated[int, msgspec.Meta(ge=1, le=2**31)]
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
    missing: Annotated[tuple[int, ...], msgspec.Meta(max_length=1024)]


class _Gone(Exception):
    """The examiner ended, which says nothing about the source."""


class _Examiner:
    """A running examiner. Making it does not wait until it is ready."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._ready = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                _command(f"main({theirs.fileno()})"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=(theirs.fileno(),),
                cwd="/",
                env={name: value for name, value in os.environ.items() if name.startswith(_FOR_THE_LOADER)},
                start_new_session=True,  # a Ctrl-C is this process's to answer
            )

    def ask(self, question: bytes) -> bytes:
        """What a child said after READY, at most one byte more than it may; raises _Gone."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._pass_on(theirs)
            try:
                ours.settimeout(ANSWERS_WITHIN_S)
                ours.sendall(question)
                ours.shutdown(socket.SHUT_WR)
                if ours.recv(1) != READY:
                    raise _Gone(self._last_words())
                return _read_capped(ours)
            except OSError as error:
                raise _Gone(f"{error}") from error

    def _pass_on(self, stream: socket.socket) -> None:
        with self._lock:
            try:
                if not self._ready:
                    self._control.settimeout(START_WITHIN_S)
                    self._ready = self._control.recv(1) == READY
                socket.send_fds(self._control, [b"s"], [stream.fileno()])
            except OSError as error:
                raise _Gone(self._last_words()) from error

    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and with it every child at work, and wait until it is gone."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # first, so that whoever waits for it with the lock lets go
        with self._lock:
            self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()

    def _last_words(self) -> str:
        with contextlib.suppress(ValueError):  # closed by another thread, which told them
            self._stderr.seek(0)
            lines = self._stderr.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
            return lines[-1] if lines else "it ended without a word"
        return "it was closed"


_examiner: _Examiner | None = None
_lock = threading.Lock()


def start_early() -> None:
    """Begin to start the examiner, without waiting; for a command that knows that it will ask."""
    if _FORKS:
        _current()


def ask(question: Question) -> Answer:
    """What there is to find in a source: `too_complex` too where looking took too much or the look itself broke down.

    Safe to use from several threads. Raises JudgeError when no examiner could look.
    """
    data = msgspec.json.encode(question)
    said = _ask_examiner(data) if _FORKS else _ask_process(data)
    try:
        checked = msgspec.json.decode(said, type=_Checked)
    except msgspec.MsgspecError:  # nothing, or no answer: the child did not survive its source
        return Answer(found="too_complex")
    if any(not 0 <= place < len(question.entry_points) for place in checked.missing):
        return Answer(found="too_complex")
    return Answer(*msgspec.structs.astuple(checked))


def _ask_examiner(question: bytes) -> bytes:
    for attempt in range(ATTEMPTS):
        examiner = _current()
        try:
            said = examiner.ask(question)
            if said or examiner.alive():
                return said
            raise _Gone("it was ended")
        except _Gone as gone:
            _drop(examiner)
            if attempt + 1 == ATTEMPTS:
                raise JudgeError(f"the examiner of sources failed: {gone}") from gone
    raise AssertionError


def _current() -> _Examiner:
    """The examiner of this process; one that a parent process had is not ours to use."""
    global _examiner
    with _lock:
        if _examiner is None or _examiner.owner != os.getpid() or not _examiner.alive():
            _examiner = _started()
        return _examiner


def _started() -> _Examiner:
    try:
        examiner = _Examiner()
    except OSError as error:
        raise JudgeError(f"the examiner of sources did not start: {error}") from error
    atexit.register(examiner.close)
    return examiner


def _drop(examiner: _Examiner) -> None:
    global _examiner
    with _lock:
        if _examiner is examiner:
            _examiner = None
    examiner.close()
    atexit.unregister(examiner.close)


def _ask_process(question: bytes) -> bytes:
    """The same from a fresh interpreter, where there is no fork."""
    try:
        done = subprocess.run(
            _command("answer_once()"), input=question, capture_output=True, timeout=ANSWERS_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return b""
    if not done.stdout.startswith(READY):
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise JudgeError(f"the examiner of sources did not start: {' '.join(words)}")
    return done.stdout[1 : _MAX_ANSWER + 2]


def _read_capped(stream: socket.socket) -> bytes:
    said = b""
    while len(said) <= _MAX_ANSWER:
        part = stream.recv(_MAX_ANSWER)
        if not part:
            return said
        said += part
    return b"too much"


def _command(call: str) -> list[str]:
    """A fresh interpreter that finds our own package, and nothing of the current folder, where submissions may lie."""
    own = str(Path(__file__).resolve().parent.parent.parent)
    return [sys.executable, "-I", "-S", "-c", _BOOT.format(path=[own], call=call)]
