"""Messages of our own processes carry plain data and descriptors."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from grader.wire.passing import BrokenMessage, receive_message, send_message


def test_a_message_and_its_descriptors_arrive() -> None:
    """A descriptor is another one for the same file, and no child inherits it."""
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    with ours, theirs:
        send_message(ours, {"event": "x", "text": "é", "items": [1, None, 2.5]}, (write,))
        os.close(write)
        received = receive_message(theirs, descriptors=1)
    assert received is not None
    message, (descriptor,) = received
    assert message == {"event": "x", "text": "é", "items": [1, None, 2.5]}
    assert not os.get_inheritable(descriptor)
    os.write(descriptor, b"through")
    os.close(descriptor)
    assert os.read(read, 100) == b"through"
    os.close(read)


def test_messages_follow_one_another() -> None:
    """Large ones too, which arrive in parts."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for text in ("a", "b" * 100_000, "c"):
            send_message(ours, text)
        assert [len(receive_message(theirs)[0]) for _ in range(3)] == [1, 100_000, 1]  # type: ignore[index]


def test_an_end_between_messages_is_none() -> None:
    """The other side has closed."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.close()
        assert receive_message(theirs) is None


def test_an_end_within_a_message_is_an_error() -> None:
    """The other side has died."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall((100).to_bytes(4, "big") + b"short")
        ours.close()
        with pytest.raises(ConnectionResetError):
            receive_message(theirs)


def _open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.parametrize("expected", [0, 1, 2])
def test_descriptors_that_nobody_expects_are_not_kept(expected: int) -> None:
    """However many come along, in however many messages."""
    ours, theirs = socket.socketpair()
    with ours, theirs, open(os.devnull, "rb") as null:
        before = _open_descriptors()
        for _ in range(20):
            send_message(ours, "x" * 100, (null.fileno(),) * 7)
            received = receive_message(theirs, descriptors=expected)
            assert received is not None
            assert len(received[1]) == expected
            for descriptor in received[1]:
                os.close(descriptor)
        assert _open_descriptors() == before


@pytest.mark.parametrize("body", [b"\xc1", b"\x92\x01", b"\xa1\xff", b"\x91" * 100_000, b""], ids=range(5))
def test_bytes_that_are_no_message_are_an_error_of_the_stream(body: bytes) -> None:
    """The descriptors that came with them are closed."""
    ours, theirs = socket.socketpair()
    with ours, theirs, open(os.devnull, "rb") as null:
        before = _open_descriptors()
        socket.send_fds(ours, [len(body).to_bytes(4, "big")], [null.fileno()])
        ours.sendall(body)
        with pytest.raises(BrokenMessage):
            receive_message(theirs, descriptors=1)
        assert _open_descriptors() == before


def test_a_length_over_the_cap_is_refused_before_a_byte_is_read() -> None:
    """Nothing is kept for what was only announced."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall((600 * 1024**2).to_bytes(4, "big"))
        with pytest.raises(BrokenMessage, match="629145600 bytes, the cap is 1000"):
            receive_message(theirs, longest=1000)


def test_a_message_has_its_time_as_a_whole() -> None:
    """A byte now and then does not stretch it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall((1000).to_bytes(4, "big"))
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            receive_message(_Dripping(theirs, ours), within_s=0.3)  # type: ignore[arg-type]
        assert time.monotonic() - started < 5


class _Dripping:
    """A stream on which each read finds one more byte, a little later."""

    def __init__(self, stream: socket.socket, other: socket.socket) -> None:
        self._stream, self._other = stream, other

    def settimeout(self, seconds: float) -> None:
        self._stream.settimeout(seconds)

    def recv(self, count: int) -> bytes:
        self._other.sendall(b"x")
        time.sleep(0.01)  # what a slow sender does
        return self._stream.recv(min(count, 1) if count < 1000 else count)
