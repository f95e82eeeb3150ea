"""What workers take and give back: claims, verdicts, and what is to be done again.

Fencing: every claim raises a grading's attempt number, and a verdict is written only under the newest one. A final
state
never changes; who comes late is dropped, and told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from grader.database import usage
from grader.database.connection import Connection, Pool, alone, as_service
from grader.database.deliveries import order_of, turn_of
from grader.database.notices import TELL_STARTED, notify
from grader.database.queue import GRADE, Order, Queue, queue_of
from grader.database.rows import value_of
from grader.model.service import Claim, ExerciseVersion, Made
from grader.service import fairness
from grader.service.ids import new_id
from grader.service.submitting import only_figures

_SWEEP = 0x76697662  # "vivb": one sweeper at a time
_CLAIM = f"""
    WITH taken AS (
    UPDATE gradings g SET state = 'running', attempt = g.attempt + 1, worker = %s,
        started = coalesce(g.started, greatest(now(), g.created)), lost = g.lost + (g.state = 'running')::int
    FROM submissions s WHERE g.id = %s AND g.state <> 'done' AND s.id = g.submission
    RETURNING g.id AS grading, g.submission, g.tenant, g.attempt, g.lost, g.seed, g.urgent, g.finish, g.version,
        g.suite, s.exercise, s.name, s.source, s.modules, s.device, s.feedback, g.created AS asked, g.traceparent
    ), clock AS (
    UPDATE virtual_clock c SET now = greatest(c.now, taken.finish) FROM taken WHERE c.urgent = taken.urgent
    )
    SELECT taken.*, {TELL_STARTED} FROM taken
"""  # noqa: S608 - text of ours
_ERASED = "SELECT erased FROM submissions WHERE id = %s FOR SHARE"  # until the commit nobody erases it
_PLACES = """
    SELECT id AS webhook, url FROM webhooks WHERE tenant = %s AND removed IS NULL
    UNION ALL SELECT NULL, callback FROM submissions WHERE id = %s AND callback IS NOT NULL
"""
_LOST_JOBS = """
    SELECT g.id, g.urgent, g.finish, g.version, g.suite, s.exercise, s.device,
        s.modules IS NOT NULL AS has_modules
    FROM gradings g JOIN submissions s ON s.id = g.submission
    WHERE g.state <> 'done' AND g.created NOT BETWEEN now() - interval '30 s' AND now()
    AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.id = g.job AND j.status IN ('todo', 'doing'))
    LIMIT 1000
"""
_LOST_DELIVERIES = """
    SELECT d.id, d.tenant FROM deliveries d WHERE d.state = 'pending'
    AND d.created NOT BETWEEN now() - interval '30 s' AND now()
    AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.id = d.job AND j.status IN ('todo', 'doing'))
    LIMIT 1000
"""


class Gradings:
    """Rows of gradings, as workers need them."""

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self._pool = pool
        self._queue = queue

    async def claim(self, grading: UUID, worker: str) -> Claim | None:
        """Take a grading; None where it is done."""
        async with alone(self._pool) as connection:
            cursor = await connection.execute(_CLAIM, (worker, grading))
            row = await cursor.fetchone()
        return value_of(Claim, row, of=_version(row)) if row else None

    async def hand_back(self, claim: Claim, wait_s: float = 0.0) -> bool:
        """Give a grading back unfinished, to be taken `wait_s` later; False where it is no longer this one's."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(
                """UPDATE gradings g SET state = 'queued' FROM submissions s
                WHERE g.id = %s AND g.attempt = %s AND g.state = 'running' AND s.id = g.submission
                RETURNING g.id, g.urgent, g.finish, g.version, g.suite, s.exercise, s.device,
                s.modules IS NOT NULL AS has_modules""",
                (claim.grading, claim.attempt),
            )
            row = await cursor.fetchone()
            if row is not None:
                await self._requeue(connection, row, wait_s)
        return row is not None

    async def finish(self, claim: Claim, made: Made) -> bool:
        """Write a verdict, and what is to be delivered because of it; False where the claim is no longer the newest."""
        async with as_service(self._pool, pipelined=True) as connection:
            held = await connection.execute(
                """UPDATE gradings SET state = 'done', finished = greatest(now(), started)
                WHERE id = %s AND attempt = %s AND state = 'running' RETURNING finished""",
                (claim.grading, claim.attempt),
            )
            erased = await connection.execute(_ERASED, (claim.submission,))
            places = await connection.execute(_PLACES, (claim.tenant, claim.submission))
            row = await held.fetchone()
            if row is None:
                return False
            made = _as_may_be_kept(made, await erased.fetchone())
            await connection.execute(
                """INSERT INTO verdicts
                (grading, submission, tenant, status, score, max_score, document, shown, created)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                (
                    claim.grading,
                    claim.submission,
                    claim.tenant,
                    made.status,
                    made.score,
                    made.max_score,
                    made.document,
                    made.shown,
                    row["finished"],
                ),
            )
            failed = int(made.status == "judge_error")
            await usage.count(connection, claim.tenant, verdicts=1, judge_errors=failed, cpu_ms=made.cpu_ms)
            await self._address(connection, claim, await places.fetchall())
            await notify(connection, claim.submission, kind="verdict")
        return True

    async def _address(self, connection: Connection, claim: Claim, places: Sequence[Mapping[str, Any]]) -> None:
        """Insert a delivery for each webhook of the tenant and for the submission's own callback."""
        turn = await turn_of(connection, claim.tenant) if places else 0
        for behind, row in enumerate(places):
            delivery = new_id()
            (job,) = await self._queue.put(connection, [order_of(delivery, turn - behind)])
            await connection.execute(
                """INSERT INTO deliveries (id, tenant, webhook, submission, grading, url, job)
                VALUES (%s, %s, %s, %s, %s, %s, %s)""",
                (delivery, claim.tenant, row["webhook"], claim.submission, claim.grading, row["url"], job),
            )

    async def sweep(self) -> int:
        """Give a new job to everything that is open and has none alive; how many there were.

        Nothing should ever be found here but what a library or an operator lost; it is the net under the queue.
        """
        async with as_service(self._pool) as connection:
            lock = await connection.execute("SELECT pg_try_advisory_xact_lock(%s) AS mine", (_SWEEP,))
            row = await lock.fetchone()
            if row is None or not row["mine"]:
                return 0
            gradings = await (await connection.execute(_LOST_JOBS)).fetchall()
            for row in gradings:
                await self._requeue(connection, row)
            deliveries = await (await connection.execute(_LOST_DELIVERIES)).fetchall()
            for row in deliveries:
                turn = await turn_of(connection, row["tenant"])
                (job,) = await self._queue.put(connection, [order_of(row["id"], turn)])
                await connection.execute("UPDATE deliveries SET job = %s WHERE id = %s", (job, row["id"]))
        return len(gradings) + len(deliveries)

    async def _requeue(self, connection: Connection, row: Mapping[str, Any], wait_s: float = 0.0) -> None:
        order = Order(
            task=GRADE,
            subject=row["id"],
            queue=queue_of(_version(row), row["device"], modules=row["has_modules"]),
            priority=fairness.priority(row["finish"], urgent=row["urgent"]),
            wait_s=wait_s,
        )
        (job,) = await self._queue.put(connection, [order])
        await connection.execute("UPDATE gradings SET job = %s WHERE id = %s", (job, row["id"]))


def _version(row: Mapping[str, Any]) -> ExerciseVersion:
    return ExerciseVersion(exercise=row["exercise"], version=row["version"], suite=row["suite"])


def _as_may_be_kept(made: Made, row: Mapping[str, Any] | None) -> Made:
    """A verdict, or its figures where its submission was erased meanwhile."""
    if row is None or row["erased"] is None:
        return made
    return replace(made, document=only_figures(made.document), shown=only_figures(made.shown))
