"""The door of the background engine: whoever misbehaves is shut out, and everybody else is answered."""

from __future__ import annotations

import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.engine import door as door_module
from grader.engine.cancellation import Cancellation
from grader.engine.door import Door, Say
from grader.wire.passing import receive_message, send_message

Connect = Callable[[], socket.socket]


class _Echo:
    """Answers with the length of the question; holds those that say `wait` until they are called off."""

    def __init__(self) -> None:
        self.called_off = threading.Event()

    def __call__(self, said: bytes, cancellation: Cancellation, say: Say) -> None:
        while said == b"\xa4wait" and not cancellation._called_off:
            time.sleep(0.01)
        if said == b"\xa4wait":
            self.called_off.set()
        say({"bytes": len(said)})


@pytest.fixture
def echo() -> _Echo:
    return _Echo()


@pytest.fixture
def connect(tmp_path: Path, echo: _Echo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connects to a door that is served; after the test the door must still be alive."""
    monkeypatch.setattr(door_module, "SPEAKS_WITHIN_S", 0.5)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    over = threading.Event()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(tmp_path / "door"))
        door = Door(listener, echo)
        serving = threading.Thread(target=door.serve, args=(over.is_set,))
        serving.start()

        def connected() -> socket.socket:
            stream = stack.enter_context(socket.socket(socket.AF_UNIX))
            stream.connect(str(tmp_path / "door"))
            stream.settimeout(10)
            return stream

        yield connected
        assert _is_answered(connected())
        over.set()
        door.ring()
        serving.join(10)
        door.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def _is_answered(stream: socket.socket) -> bool:
    send_message(stream, "hello")
    return receive_message(stream) == ({"bytes": 6}, [])


def _is_shut_out(stream: socket.socket) -> bool:
    try:
        return receive_message(stream) is None
    except ConnectionResetError:
        return True


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_who_says_nothing_is_dropped_and_others_are_answered_beside(connect: Connect) -> None:
    """A few seconds are enough to ask."""
    silent = [connect() for _ in range(20)]
    assert _is_answered(connect())
    assert all(map(_is_shut_out, silent))


def test_half_a_question_and_silence_is_dropped(connect: Connect) -> None:
    """It never gets a thread."""
    before = threading.active_count()
    halves = [connect() for _ in range(20)]
    for stream in halves:
        stream.sendall((100).to_bytes(4, "big") + b"half")
    assert _is_answered(connect())
    assert threading.active_count() <= before + 1
    assert all(map(_is_shut_out, halves))


def test_the_number_of_those_who_are_heard_is_bounded(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who has been silent longest goes first."""
    silent = [connect() for _ in range(door_module.MOST_HEARD + 40)]
    assert _is_answered(connect())
    assert all(map(_is_shut_out, silent[:40]))


def test_a_length_over_the_cap_is_answered_in_one_sentence(connect: Connect) -> None:
    """Not a byte of the body is waited for."""
    stream = connect()
    stream.sendall((600 * 1024**2).to_bytes(4, "big") + b"x" * 1000)
    received = receive_message(stream)
    assert received is not None
    assert received[0]["failed"] == "judge"
    assert "629145600 bytes, the cap is" in received[0]["message"]


def test_all_that_is_heard_is_bounded_too(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many large halves do not fill the memory: the largest go."""
    monkeypatch.setattr(door_module, "MOST_HEARD_BYTES", 1_000_000)
    monkeypatch.setattr(door_module, "SPEAKS_WITHIN_S", 60.0)
    streams = [connect() for _ in range(8)]
    for stream in streams:
        stream.sendall((400_001).to_bytes(4, "big") + bytes(400_000 - 4))
    assert _is_answered(connect())
    assert sum(_is_shut_out_soon(stream) for stream in streams) >= 5


def _is_shut_out_soon(stream: socket.socket) -> bool:
    stream.settimeout(0.2)
    try:
        return _is_shut_out(stream)
    except TimeoutError:
        return False


def test_descriptors_that_come_along_are_not_kept(connect: Connect) -> None:
    """With the first byte, the last one, or any between."""
    with open(os.devnull, "rb") as null:
        streams = [connect() for _ in range(10)]
        assert _is_answered(connect())  # all ten are in
        before = _descriptors()
        for stream in streams:
            socket.send_fds(stream, [(100).to_bytes(4, "big")], [null.fileno()] * 3)
            socket.send_fds(stream, [b"x"], [null.fileno()] * 3)
        assert _is_answered(connect())
        assert _descriptors() <= before + 2  # what this test's own connection takes


def test_hanging_up_calls_off_what_was_asked(connect: Connect, echo: _Echo) -> None:
    """As soon as the client has gone."""
    stream = connect()
    send_message(stream, "wait")
    assert _is_answered(connect())
    assert not echo.called_off.is_set()
    stream.close()
    assert echo.called_off.wait(10)


def test_a_client_that_takes_no_answer_keeps_nobody_waiting(connect: Connect) -> None:
    """It has its own thread."""
    deaf = [connect() for _ in range(5)]
    for stream in deaf:
        send_message(stream, "hello")
    assert _is_answered(connect())


def test_too_many_questions_at_work_are_sent_away(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their clients do the work themselves; it is no answer."""
    waiting = [connect() for _ in range(door_module.MOST_AT_WORK + 1)]
    for stream in waiting:
        send_message(stream, "wait")
    assert _is_shut_out(waiting[-1])
    for stream in waiting:
        stream.close()


def test_the_door_survives_that_there_are_no_descriptors_left(connect: Connect) -> None:
    """It lets go of those who are silent, and goes on."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    silent = [connect() for _ in range(10)]
    assert _is_answered(connect())
    resource.setrlimit(resource.RLIMIT_NOFILE, (_descriptors() + 1, limits[1]))
    try:
        stuck = connect()  # connected, in the backlog: only the door lacks a descriptor
        assert _is_answered(stuck)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert _is_shut_out(silent[0])
