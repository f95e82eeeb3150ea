"""Messages of our own processes carry plain data and descriptors."""

from __future__ import annotations

import os
import socket

import pytest

from grader.wire.passing import receive_message, send_message


def test_a_message_and_its_descriptors_arrive() -> None:
    """A descriptor is another one for the same file, and no child inherits it."""
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    with ours, theirs:
        send_message(ours, {"event": "x", "text": "é", "items": [1, None, 2.5]}, (write,))
        os.close(write)
        received = receive_message(theirs)
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
