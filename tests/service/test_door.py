"""The socket that requests come in by."""

from __future__ import annotations

import asyncio
import socket

import pytest

from grader.cli.serve import listening
from grader.errors import UsageError


class _Accepted(asyncio.Protocol):
    """Keeps whether answers on this connection leave at once."""

    def __init__(self, leaves_at_once: asyncio.Future[bool]) -> None:
        self._leaves_at_once = leaves_at_once

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look at the connection, and end it."""
        taken = transport.get_extra_info("socket")
        self._leaves_at_once.set_result(bool(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        transport.close()


def test_answers_leave_at_once() -> None:
    """Else each answer waits 40 ms, which no other test would notice."""

    async def connect() -> bool:
        leaves_at_once: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        door = listening("127.0.0.1", 0)
        server = await asyncio.get_running_loop().create_server(lambda: _Accepted(leaves_at_once), sock=door)
        async with server:
            _, writer = await asyncio.open_connection("127.0.0.1", door.getsockname()[1])
            writer.close()
            return await asyncio.wait_for(leaves_at_once, 30)

    assert asyncio.run(connect())


def test_a_port_that_is_taken() -> None:
    """Two services on one port: the second says which, and what to do."""
    first = listening("127.0.0.1", 0)
    first.listen()
    with first, pytest.raises(UsageError, match=r"port \d+ of 127\.0\.0\.1 cannot be listened on .*--port"):
        listening("127.0.0.1", first.getsockname()[1])
