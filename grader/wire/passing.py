"""Small messages with open descriptors, between our own processes over a Unix stream socket.

No candidate holds either end. The engine's socket is open to every process of its user, though, so nothing that arrives
is taken on trust: the receiver says how many descriptors it expects (what comes beyond is closed by the kernel or here,
at once), how long a message may be, and what it must be made of.
"""

from __future__ import annotations

import array
import contextlib
import os
import socket
import time
from typing import Any

import msgspec

from grader.wire.packing import pack, unpack

LONGEST = 64 * 1024**2  # bytes of a message between our own processes
LENGTH = 4  # bytes before a message that say how long it is
_INT = array.array("i").itemsize


class BrokenMessage(OSError):
    """Bytes that are no message, or not the one that was expected; the stream is of no further use."""


def send_message(stream: socket.socket, message: Any, descriptors: tuple[int, ...] = ()) -> None:
    """Send plain data and descriptors; raises OSError when the other side is gone."""
    data = framed(message)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sent = stream.sendmsg([data], ancillary)
    if sent < len(data):  # an empty rest would be a call all the same, which fails when the message was taken already
        stream.sendall(data[sent:])


def receive_message(
    stream: socket.socket, *, descriptors: int = 0, longest: int = LONGEST, within_s: float | None = None
) -> tuple[Any, list[int]] | None:
    """The next message and its descriptors (not inheritable), or None when the other side has closed.

    At most so many `descriptors` and so many bytes are taken. `within_s` is for the whole message; without it, the
    stream's own timeout holds for each part. Raises OSError (TimeoutError and BrokenMessage among them).
    """
    clock = _Clock(stream, within_s)
    head, taken = _head(clock, descriptors)
    try:
        head += _rest(clock, LENGTH - len(head)) if head else b""
        if len(head) < LENGTH:
            return None
        message = decoded(_rest(clock, length_of(head, longest)), Any)
    except OSError:
        _close(taken)
        raise
    return message, taken


def framed(message: Any) -> bytes:
    """A message as it travels."""
    body = pack(message)
    return len(body).to_bytes(LENGTH, "big") + body


def length_of(head: bytes | bytearray, longest: int) -> int:
    """How many bytes follow; raises BrokenMessage when that is over the cap, before anything is kept of them."""
    length = int.from_bytes(head[:LENGTH], "big")
    if length > longest:
        raise BrokenMessage(f"a message announces {length} bytes, the cap is {longest}")
    return length


def decoded(body: bytes, kind: Any) -> Any:
    """A message's data, which must be made of `kind`; raises BrokenMessage with what is wrong."""
    try:
        return unpack(body, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BrokenMessage(f"a message breaks its format: {error}") from error


def answer_ping(descriptors: list[int]) -> None:
    """Say, on the socket that came with the question, that this process is there."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptors[0])) as stream:
        send_message(stream, {"event": "pong"})


class _Clock:
    """A stream, and when the message on it must be there."""

    def __init__(self, stream: socket.socket, within_s: float | None) -> None:
        self._stream = stream
        self._ends = None if within_s is None else time.monotonic() + within_s

    def ready(self) -> socket.socket:
        """The stream, for one more read."""
        if self._ends is not None:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("a message of our own processes did not arrive in time")
            self._stream.settimeout(left)
        return self._stream


def _head(clock: _Clock, expected: int) -> tuple[bytes, list[int]]:
    """The first bytes, and the descriptors that came with them; those that nobody expects are closed."""
    if not expected:
        return clock.ready().recv(LENGTH), []  # the kernel closes what such a read leaves behind
    head, ancillary, _, _ = clock.ready().recvmsg(LENGTH, socket.CMSG_SPACE(expected * _INT))
    found = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(data[: len(data) - len(data) % _INT])
    for descriptor in found[:expected]:
        os.set_inheritable(descriptor, False)
    _close(found[expected:].tolist())  # the room for them is rounded up
    return head, found[:expected].tolist()


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _rest(clock: _Clock, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = clock.ready().recv(count - len(parts))
        if not part:
            raise ConnectionResetError("a message of our own processes broke off")
        parts += part
    return bytes(parts)
