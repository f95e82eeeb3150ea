"""Small messages with open descriptors, between our own processes over a Unix stream socket.

No candidate holds either end, so there is nothing to cap but mistakes.
"""

from __future__ import annotations

import array
import contextlib
import os
import socket
from typing import Any

from grader.wire.packing import pack, unpack

_MAX_FDS = 24  # three for each box of the largest group
_LENGTH = 4


def send_message(stream: socket.socket, message: Any, descriptors: tuple[int, ...] = ()) -> None:
    """Send plain data and descriptors; raises OSError when the other side is gone."""
    body = pack(message)
    data = len(body).to_bytes(_LENGTH, "big") + body
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sent = stream.sendmsg([data], ancillary)
    if sent < len(data):  # an empty rest would be a call all the same, which fails when the message was taken already
        stream.sendall(data[sent:])


def receive_message(stream: socket.socket) -> tuple[Any, list[int]] | None:
    """The next message and its descriptors (not inheritable), or None when the other side has closed.

    Raises OSError (TimeoutError among them) as sockets do.
    """
    room = socket.CMSG_SPACE(_MAX_FDS * array.array("i").itemsize)
    head, ancillary, _, _ = stream.recvmsg(_LENGTH, room)
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    head += _rest(stream, _LENGTH - len(head)) if head else b""
    if len(head) < _LENGTH:
        return None
    body = _rest(stream, int.from_bytes(head, "big"))
    return unpack(body), descriptors.tolist()


def answer_ping(descriptors: list[int]) -> None:
    """Say, on the socket that came with the question, that this process is there."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptors[0])) as stream:
        send_message(stream, {"event": "pong"})


def _rest(stream: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = stream.recv(count - len(parts))
        if not part:
            raise ConnectionResetError("a message of our own processes broke off")
        parts += part
    return bytes(parts)
