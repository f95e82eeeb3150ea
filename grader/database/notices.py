"""What happens to submissions, told at once to whoever waits (PostgreSQL's LISTEN and NOTIFY).

A notice is a hint to look, never the truth: one that is lost costs a waiter at most the time until it looks anyway.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from grader.database.connection import LINE, Connection

CHANNEL: Final = "viva_submissions"
_PAUSE_S: Final = 1.0
_log = logging.getLogger("viva.notices")
TELL_STARTED: Final = f"pg_notify('{CHANNEL}', json_build_object('submission', submission, 'kind', 'started')::text)"
"""`notify(connection, submission, kind="started")` within a statement that has a column `submission`."""
Notice = Mapping[str, Any]


async def notify(connection: Connection, submission: UUID, **facts: Any) -> None:
    """Tell, when the transaction of `connection` is committed, what happened to a submission."""
    text = json.dumps({"submission": str(submission), **facts})
    await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, text))


class Notices:
    """One listening connection for all who wait in this process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[UUID, set[asyncio.Queue[Notice]]] = defaultdict(set)

    async def listen(self) -> None:
        """Pass notices on until cancelled; connects again when the connection is lost."""
        while True:
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(
                    make_conninfo(self._url, **LINE), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for notice in connection.notifies():
                        self._pass_on(notice.payload)
            await asyncio.sleep(_PAUSE_S)

    @asynccontextmanager
    async def about(self, submission: UUID) -> AsyncIterator[asyncio.Queue[Notice]]:
        """What happens to one submission from now on."""
        queue: asyncio.Queue[Notice] = asyncio.Queue()
        self._waiting[submission].add(queue)
        try:
            yield queue
        finally:
            self._waiting[submission].discard(queue)
            if not self._waiting[submission]:
                del self._waiting[submission]

    def _pass_on(self, payload: str) -> None:
        try:
            notice = json.loads(payload)
            submission = UUID(notice["submission"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # anybody in the database may notify
            _log.warning("a notice that cannot be read was passed over")
            return
        for queue in self._waiting.get(submission, ()):
            queue.put_nowait(notice)
