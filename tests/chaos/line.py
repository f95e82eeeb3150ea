"""A line to a database that can be cut: a TCP proxy in a thread of its own, in front of PostgreSQL's socket."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


class Line:
    """Connections on `host` are passed on to the server of a connection string, as long as the line holds."""

    def __init__(self, database: str, host: str = "127.0.0.1") -> None:
        place = conninfo_to_dict(database)
        self._socket = f"{place['host']}/.s.PGSQL.{place.get('port', 5432)}"
        self._database = database
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._never = asyncio.Event()  # kept: what waits for one that nobody holds is collected with it
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()
        self._port = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._reset())
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)

    @property
    def url(self) -> str:
        """The connection string by way of this line."""
        return make_conninfo(self._database, host=self._host, port=self._port)

    def cut(self) -> None:
        """Reset every connection, and every new one."""
        self._do(self._reset())

    def stall(self) -> None:
        """Pass nothing on and close nothing; new connections are taken, and hear nothing."""
        self._do(self._set(flows=False))

    def mend(self, *, forget: bool = False) -> None:
        """Pass on again; after `forget`, what was open hears nothing more, as behind a router that forgot."""
        self._do(self._set(flows=True, forget=forget))

    def _do(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(20)  # type: ignore[arg-type]

    async def _open(self) -> None:
        self._flows.set()
        server = await asyncio.start_server(self._passed_on, self._host, 0)
        self._port = server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _set(self, *, flows: bool, forget: bool = False) -> None:
        self._is_cut = False
        if forget:
            self._dead |= self._ends
        if flows:
            self._flows.set()
        else:
            self._flows.clear()

    async def _reset(self) -> None:
        self._is_cut = True
        for end in self._ends:
            with suppress(OSError, AttributeError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.transport.abort()

    async def _passed_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            if self._is_cut:
                writer.transport.abort()
                return
            with suppress(OSError):
                theirs, ours = await asyncio.open_unix_connection(self._socket)
                self._ends.add(ours)
                await asyncio.gather(self._pass(reader, ours, writer), self._pass(theirs, writer, writer))
        finally:
            writer.close()
            self._ends.discard(writer)

    async def _pass(self, one: asyncio.StreamReader, other: asyncio.StreamWriter, of: asyncio.StreamWriter) -> None:
        try:
            while piece := await one.read(65536):
                await self._flows.wait()
                if of in self._dead:
                    await self._never.wait()
                other.write(piece)
                await other.drain()
        finally:
            other.close()
            self._ends.discard(other)
