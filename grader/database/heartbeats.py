"""Which workers of the queue are gone, whatever happens to anybody's clock.

Workers note the database's time as a sign of life. That clock may be set by hours: then every living worker looks dead
until it notes again, or a dead one looks alive for hours. So whoever looks must have seen a sign of life unchanged for
a while by a clock that nobody sets, its own monotonic one, and it must lie away from the database's now, on either
side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from grader.database.connection import Connection

HEARTBEAT_S: Final = 5.0
STALLED_S: Final = 20.0  # away from now, by the database's clock
UNCHANGED_S: Final = 2 * HEARTBEAT_S  # by the clock of whoever looks
_SIGNS = """
    SELECT id, last_heartbeat, abs(extract(epoch FROM clock_timestamp() - last_heartbeat)) AS apart_s
    FROM procrastinate_workers
"""


class Heartbeats:
    """What one process has seen of the workers' signs of life."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[int, tuple[datetime, float]] = {}

    async def bury(self, connection: Connection) -> int:
        """Forget workers that are gone, which leaves their jobs without a worker; how many."""
        rows = await (await connection.execute(_SIGNS)).fetchall()
        gone = self.gone(rows)
        for worker in gone:
            await connection.execute(
                "DELETE FROM procrastinate_workers WHERE id = %s AND last_heartbeat = %s",
                (worker, self._seen[worker][0]),
            )
        return len(gone)

    def gone(self, rows: Iterable[Mapping[str, Any]]) -> list[int]:
        """Of all workers with their last signs of life, those that are gone."""
        now, before = self._clock(), self._seen
        self._seen = {}
        found = []
        for row in rows:
            sign, since = before.get(row["id"], (None, now))
            since = since if sign == row["last_heartbeat"] else now
            self._seen[row["id"]] = (row["last_heartbeat"], since)
            if now - since >= UNCHANGED_S and row["apart_s"] > STALLED_S:
                found.append(row["id"])
        return found
