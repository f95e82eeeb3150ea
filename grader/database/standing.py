"""How the whole service stands, for its operator: queue, workers, verdicts, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.database.connection import Pool, as_service

# Gradings that no worker takes which gave a sign of life lately: none has their suite, their environment or a GPU.
_NOBODYS = """
    FROM gradings g JOIN submissions s ON s.id = g.submission JOIN procrastinate_jobs j ON j.id = g.job
    WHERE g.state = 'queued' AND NOT EXISTS (
        SELECT FROM workers w WHERE abs(extract(epoch FROM now() - w.seen)) < 20
        AND (w.queues IS NULL OR j.queue_name = ANY(w.queues))
    )
"""
_STANDING = f"""
    SELECT
    (SELECT count(*) FROM gradings WHERE state = 'queued') AS queued,
    (SELECT count(*) FROM gradings WHERE state = 'running') AS running,
    (SELECT greatest(0, extract(epoch FROM now() - min(created))) FROM gradings WHERE state = 'queued') AS queue_age_s,
    (SELECT count(*) {_NOBODYS}) AS nobodys,
    (SELECT count(*) FROM workers WHERE abs(extract(epoch FROM now() - seen)) < 20) AS workers,
    (SELECT coalesce(sum(lanes), 0) FROM workers WHERE abs(extract(epoch FROM now() - seen)) < 20) AS lanes,
    (SELECT count(*) FROM deliveries WHERE state = 'pending') AS deliveries_pending,
    (SELECT count(*) FROM deliveries WHERE state = 'parked') AS deliveries_parked
"""  # noqa: S608 - text of ours
_RECENT = """
    SELECT s.exercise, v.status, count(*) AS count, sum(extract(epoch FROM g.finished - g.started)) AS seconds,
        sum(extract(epoch FROM g.started - g.created)) AS waited
    FROM verdicts v JOIN gradings g ON g.id = v.grading JOIN submissions s ON s.id = g.submission
    WHERE v.created > now() - make_interval(secs => %s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_BY_TENANT = """
    SELECT t.name, count(*) FILTER (WHERE g.state = 'queued') AS queued, count(*) FILTER (WHERE g.state = 'running')
    AS running
    FROM gradings g JOIN tenants t ON t.id = g.tenant WHERE g.state <> 'done' GROUP BY 1 ORDER BY 1
"""
_RUNNING = """
    SELECT g.worker, s.exercise, t.name AS tenant, greatest(0, extract(epoch FROM now() - g.started)) AS seconds
    FROM gradings g JOIN submissions s ON s.id = g.submission JOIN tenants t ON t.id = g.tenant
    WHERE g.state = 'running' ORDER BY g.worker, g.started
"""
_WORKERS = """
    SELECT name, lanes, exercises, version, device, greatest(0, extract(epoch FROM now() - started)) AS up_s
    FROM workers WHERE abs(extract(epoch FROM now() - seen)) < 20 ORDER BY name
"""
_WAITING_FOR_NOBODY = f"""
    SELECT s.exercise, g.version, s.device, count(*) AS queued,
        greatest(0, extract(epoch FROM now() - min(g.created))) AS seconds
    {_NOBODYS} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - text of ours
_ANNOUNCED = """
    SELECT EXISTS (SELECT 1 FROM workers WHERE device = %s AND seen > now() - interval '20 s') AS there
"""
_SEEN = """
    INSERT INTO workers (name, lanes, exercises, version, device, queues) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET lanes = excluded.lanes, exercises = excluded.exercises,
        version = excluded.version, device = excluded.device, queues = excluded.queues, seen = now()
"""
_TOTALS = "SELECT status, count(*) AS count FROM verdicts GROUP BY 1"


class Standing:
    """Counts over all tenants."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def gauges(self) -> dict[str, float]:
        """What there is now: lengths and ages."""
        rows = await self._rows(_STANDING)
        return {name: float(value or 0) for name, value in rows[0].items()}

    async def recent(self, seconds: float) -> list[Mapping[str, Any]]:
        """Verdicts of the last so many seconds, by exercise and status: count, seconds graded, seconds waited."""
        return await self._rows(_RECENT, (seconds,))

    async def totals(self) -> dict[str, int]:
        """All verdicts, by status."""
        return {row["status"]: row["count"] for row in await self._rows(_TOTALS)}

    async def by_tenant(self) -> list[Mapping[str, Any]]:
        """Who has how much under way."""
        return await self._rows(_BY_TENANT)

    async def running(self) -> list[Mapping[str, Any]]:
        """What each worker is at."""
        return await self._rows(_RUNNING)

    async def workers(self) -> list[Mapping[str, Any]]:
        """Workers that gave a sign of life lately."""
        return await self._rows(_WORKERS)

    async def waiting_for_nobody(self) -> list[Mapping[str, Any]]:
        """What is queued and no worker takes, by exercise, version and device."""
        return await self._rows(_WAITING_FOR_NOBODY)

    async def has_device(self, device: str) -> bool:
        """Whether a worker that gave a sign of life lately can grade there."""
        rows = await self._rows(_ANNOUNCED, (device,))
        return bool(rows[0]["there"])

    async def seen(
        self,
        name: str,
        lanes: int,
        exercises: int,
        version: str,
        device: str = "cpu",
        queues: Sequence[str] | None = None,
    ) -> None:
        """A worker's sign of life, and the queues that it takes from; forgets those that have given none for a day."""
        async with as_service(self._pool) as connection:
            await connection.execute(_SEEN, (name, lanes, exercises, version, device, queues))
            await connection.execute("DELETE FROM workers WHERE seen < now() - interval '1 day'")

    async def gone(self, name: str) -> None:
        """A worker that ends says so."""
        async with as_service(self._pool) as connection:
            await connection.execute("DELETE FROM workers WHERE name = %s", (name,))

    async def _rows(self, query: Any, values: tuple[Any, ...] = ()) -> list[Mapping[str, Any]]:
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(query, values)
            return list(await cursor.fetchall())
