"""What tenants send and see: every statement here runs in a tenant's role, under row-level security.

A submission, its first grading and its job are inserted in one transaction: an acknowledged submission cannot be lost,
and one that was not acknowledged leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from grader.database import usage
from grader.database.connection import Connection, Pool, as_tenant, back_to_service
from grader.database.notices import notify
from grader.database.packs import StillThere
from grader.database.queue import GRADE, Order, Queue, queue_of
from grader.database.rows import value_of
from grader.model.service import ExerciseVersion, Grading, HandIn, Submitted, Tenant
from grader.service import fairness
from grader.service.ids import new_id
from grader.service.tracing import current_traceparent

_SUBMITTED = """
    SELECT s.*, g.id AS grading, g.number, g.state, g.created AS asked, g.started, g.finished, v.shown
    FROM submissions s
    JOIN LATERAL (SELECT * FROM gradings WHERE submission = s.id ORDER BY number DESC LIMIT 1) g ON true
    LEFT JOIN verdicts v ON v.grading = g.id
"""
_PUT = """
    INSERT INTO submissions (id, tenant, exercise, version, name, source, modules, digest, device, feedback,
        external_id, metadata, callback, idempotency_key, request_digest)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant, idempotency_key) DO NOTHING RETURNING created
"""
_OPEN = """
    INSERT INTO gradings
    (id, submission, tenant, number, version, suite, seed, urgent, finish, job, regrade, traceparent)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_FORGET_CALLBACKS = """
    UPDATE deliveries SET url = '', last_error = NULL, state = CASE state WHEN 'pending' THEN 'parked' ELSE state END
    WHERE submission = %s AND webhook IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much of a tenant's is under way, and how much it has sent today (UTC)."""

    in_flight: int
    today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A grading that is to be opened: of what, by which suite, with which seed, and where."""

    submission: UUID
    number: int
    of: ExerciseVersion
    seed: int
    device: str
    has_modules: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which submissions a tenant wants to see, the newest first."""

    exercise: str | None = None
    state: str | None = None
    status: str | None = None
    external_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: UUID | None = None
    limit: int = 50


class Submissions:
    """Rows of submissions, of the tenant that is named in each call."""

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self._pool = pool
        self._queue = queue

    async def load(self, tenant: UUID) -> Load:
        """What counts against a tenant's quotas."""
        async with as_tenant(self._pool, tenant, pipelined=True) as connection:
            cursor = await connection.execute(
                f"SELECT (SELECT count(*) FROM gradings WHERE state <> 'done') AS open, ({usage.TODAY}) AS today"  # noqa: S608 - text of ours
            )
        row = await cursor.fetchone()
        return Load(in_flight=int(row["open"]), today=int(row["today"])) if row else Load(in_flight=0, today=0)

    async def put(self, tenant: Tenant, hand_ins: Sequence[HandIn]) -> list[Submitted]:
        """Keep submissions and have them graded, all or none; those that were new, as they were kept.

        One whose idempotency key is taken is left out: `with_idempotency_key` finds what it was taken for.
        """
        async with as_tenant(self._pool, tenant.id, pipelined=True) as connection:
            in_order = sorted(hand_ins, key=lambda one: one.idempotency_key or "")  # so that no two wait for each other
            kept = [await _keep(connection, tenant.id, one) for one in in_order]
            rows = [await cursor.fetchone() for cursor in kept]
            created = {one.id: row["created"] for one, row in zip(in_order, rows, strict=True) if row}
            fresh = [one for one in in_order if one.id in created]
            if not fresh:
                return []
            await usage.count(connection, tenant.id, submissions=len(fresh))
            gradings = await self._open(
                connection,
                tenant,
                [_first(one) for one in fresh],
                urgent=fresh[0].urgent,
            )
        return [
            _just_kept(tenant.id, one, created[one.id], grading) for one, grading in zip(fresh, gradings, strict=True)
        ]

    async def regrade(
        self, tenant: Tenant, submissions: Sequence[tuple[UUID, int]], by: ExerciseVersion, regrade: UUID | None = None
    ) -> list[UUID]:
        """Open another grading of each `(id, seed)`, by the suite of `by`; the ids of those that were opened.

        What is unknown, of another exercise, erased or being graded is left out.
        """
        async with as_tenant(self._pool, tenant.id) as connection:
            asked = [found for one, seed in submissions if (found := await _next_grading(connection, one, by, seed))]
            await self._open(connection, tenant, asked, urgent=regrade is None, regrade=regrade)
        return [one.submission for one in asked]

    async def _open(
        self,
        connection: Connection,
        tenant: Tenant,
        asked: Sequence[Asked],
        *,
        urgent: bool,
        regrade: UUID | None = None,
    ) -> list[UUID]:
        """Insert gradings and their jobs, in their fair order; leaves the connection in the service's role.

        Raises SuiteGoneError, which undoes all of it, where the files of a suite are gone.
        """
        await back_to_service(connection)
        there = StillThere(connection)
        await there.ask(sorted({one.of.suite for one in asked if one.of.suite}))
        finishes = await _take_turns(connection, tenant, len(asked), urgent=urgent)
        await there.require()
        ids = [new_id() for _ in asked]
        orders = [
            Order(
                task=GRADE,
                subject=grading,
                queue=queue_of(one.of, one.device, modules=one.has_modules),
                priority=fairness.priority(finish, urgent=urgent),
            )
            for grading, one, finish in zip(ids, asked, finishes, strict=True)
        ]
        jobs = await self._queue.put(connection, orders)
        trace = current_traceparent()
        rows = [
            (
                *(grading, one.submission, tenant.id, one.number, one.of.version, one.of.suite, one.seed),
                *(urgent, finish, job, regrade, trace),
            )
            for grading, one, finish, job in zip(ids, asked, finishes, jobs, strict=True)
        ]
        async with connection.cursor() as cursor:
            await cursor.executemany(_OPEN, rows)
        return ids

    async def get(self, tenant: UUID, submission: UUID) -> Submitted | None:
        """A tenant's submission."""
        async with as_tenant(self._pool, tenant, pipelined=True) as connection:
            cursor = await connection.execute(_SUBMITTED + " WHERE s.id = %s", (submission,))
        row = await cursor.fetchone()
        return _submitted(row) if row else None

    async def with_idempotency_key(self, tenant: UUID, key: str) -> Submitted | None:
        """The submission that an idempotency key was used for."""
        async with as_tenant(self._pool, tenant, pipelined=True) as connection:
            cursor = await connection.execute(_SUBMITTED + " WHERE s.idempotency_key = %s", (key,))
        row = await cursor.fetchone()
        return _submitted(row) if row else None

    async def page(self, tenant: UUID, page: Page) -> list[Submitted]:
        """Submissions that match, the newest first."""
        tests = {
            "s.exercise = %s": page.exercise,
            "g.state = %s": page.state,
            "v.status = %s": page.status,
            "s.external_id = %s": page.external_id,
            "s.created >= %s": page.since,
            "s.created < %s": page.until,
            "s.id < %s": page.before,
        }
        wanted = {test: value for test, value in tests.items() if value is not None}
        where = " WHERE " + " AND ".join(wanted) if wanted else ""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                _SUBMITTED + where + " ORDER BY s.id DESC LIMIT %s", (*wanted.values(), page.limit)
            )
            return [_submitted(row) for row in await cursor.fetchall()]

    async def gradings(self, tenant: UUID, submission: UUID) -> list[Grading]:
        """All gradings of a submission, the first one first."""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                """SELECT g.id AS grading, g.number, g.state, g.created AS asked, g.started, g.finished, v.shown
                FROM gradings g LEFT JOIN verdicts v ON v.grading = g.id
                WHERE g.submission = %s ORDER BY g.number""",
                (submission,),
            )
            return [_grading(row) for row in await cursor.fetchall()]

    async def erase(self, tenant: UUID, submission: UUID, figures_of: Any) -> bool:
        """Forget a person: source, metadata and what verdicts say beyond their figures. False where there is none.

        An idempotency key and a callback's address may name them, too; a message to that address is sent no more.

        `figures_of` makes of a verdict's document what may stay. A grading that is still open finds no source and ends
        as `judge_error` that says so.
        """
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                """UPDATE submissions
                SET source = NULL, modules = NULL, metadata = NULL, external_id = NULL, callback = NULL, name = '',
                idempotency_key = NULL, request_digest = '', erased = coalesce(erased, now()) WHERE id = %s""",
                (submission,),
            )
            if cursor.rowcount != 1:
                return False
            found = await connection.execute("SELECT grading, shown FROM verdicts WHERE submission = %s", (submission,))
            for row in await found.fetchall():
                left = figures_of(row["shown"])
                await connection.execute(
                    "UPDATE verdicts SET document = %s, shown = %s WHERE grading = %s", (left, left, row["grading"])
                )
            await connection.execute(_FORGET_CALLBACKS, (submission,))
            await notify(connection, submission, kind="erased")
        return True

    async def usage(self, tenant: UUID, days: int) -> list[Mapping[str, Any]]:
        """Counts by day (UTC), the newest first."""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(usage.BY_DAY, (days,))
            return list(await cursor.fetchall())

    async def open_regrade(
        self, tenant: UUID, regrade: UUID, exercise: str, since: datetime | None, until: datetime | None
    ) -> list[UUID]:
        """Note a bulk regrade; the submissions that it is about, the oldest first: not erased, no grading open."""
        async with as_tenant(self._pool, tenant) as connection:
            await connection.execute(
                "INSERT INTO regrades (id, tenant, exercise, since, until) VALUES (%s, %s, %s, %s, %s)",
                (regrade, tenant, exercise, since, until),
            )
            cursor = await connection.execute(
                """SELECT id FROM submissions s WHERE exercise = %s AND erased IS NULL
                AND (%s::timestamptz IS NULL OR created >= %s) AND (%s::timestamptz IS NULL OR created < %s)
                AND NOT EXISTS (SELECT 1 FROM gradings g WHERE g.submission = s.id AND g.state <> 'done')
                ORDER BY id""",
                (exercise, since, since, until, until),
            )
            return [row["id"] for row in await cursor.fetchall()]

    async def regraded(self, tenant: UUID, regrade: UUID) -> list[Mapping[str, Any]] | None:
        """What a bulk regrade did: of each submission the verdicts before and after; None where there is no such."""
        async with as_tenant(self._pool, tenant) as connection:
            known = await connection.execute("SELECT 1 FROM regrades WHERE id = %s", (regrade,))
            if await known.fetchone() is None:
                return None
            cursor = await connection.execute(
                """SELECT g.submission, g.state, v.status, v.score, b.status AS status_before, b.score AS score_before
                FROM gradings g LEFT JOIN verdicts v ON v.grading = g.id
                LEFT JOIN LATERAL (
                    SELECT w.status, w.score FROM gradings e JOIN verdicts w ON w.grading = e.id
                    WHERE e.submission = g.submission AND e.number < g.number ORDER BY e.number DESC LIMIT 1
                ) b ON true
                WHERE g.regrade = %s ORDER BY g.submission""",
                (regrade,),
            )
            return list(await cursor.fetchall())


def _first(one: HandIn) -> Asked:
    return Asked(
        submission=one.id,
        number=1,
        of=one.of,
        seed=one.seed,
        device=one.device,
        has_modules=one.modules is not None,
    )


async def _keep(connection: Connection, tenant: UUID, one: HandIn) -> psycopg.AsyncCursor[dict[str, Any]]:
    """Insert a submission; fetches a row where it was new."""
    return await connection.execute(
        _PUT,
        (
            one.id,
            tenant,
            one.of.exercise,
            one.of.version,
            one.name,
            one.source,
            one.modules,
            one.digest,
            one.device,
            one.feedback,
            one.external_id,
            None if one.metadata is None else Jsonb(dict(one.metadata)),
            one.callback,
            one.idempotency_key,
            one.request_digest,
        ),
    )


async def _next_grading(connection: Connection, submission: UUID, by: ExerciseVersion, seed: int) -> Asked | None:
    """The grading that may be opened; the submission is held, so that nobody opens another at the same time."""
    await connection.execute("SELECT 1 FROM submissions WHERE id = %s FOR NO KEY UPDATE", (submission,))
    cursor = await connection.execute(
        """SELECT s.device, s.modules IS NOT NULL AS has_modules, max(g.number) AS number
        FROM submissions s JOIN gradings g ON g.submission = s.id
        WHERE s.id = %s AND s.exercise = %s AND s.erased IS NULL GROUP BY s.id HAVING bool_and(g.state = 'done')""",
        (submission, by.exercise),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Asked(
        submission=submission,
        number=row["number"] + 1,
        of=by,
        seed=seed,
        device=row["device"],
        has_modules=row["has_modules"],
    )


async def _take_turns(connection: Connection, tenant: Tenant, count: int, *, urgent: bool) -> list[int]:
    """Virtual finish times for `count` jobs; the tenant's row is held until the transaction ends.

    Not `FOR UPDATE`: every row that refers to the tenant holds its key, and two who submit would wait for each other.
    """
    column = "urgent_finish" if urgent else "batch_finish"
    cursor = await connection.execute(
        f"SELECT {column} AS last, (SELECT now FROM virtual_clock WHERE urgent = %s) AS clock "  # noqa: S608 - ours
        "FROM tenants WHERE id = %s FOR NO KEY UPDATE",
        (urgent, tenant.id),
    )
    row = await cursor.fetchone()
    assert row is not None, "a caller's tenant exists"
    times = fairness.finish_times(row["clock"], row["last"], tenant.weight, count)
    if times:
        await connection.execute(f"UPDATE tenants SET {column} = %s WHERE id = %s", (times[-1], tenant.id))  # noqa: S608
    return times


def _just_kept(tenant: UUID, one: HandIn, created: datetime, grading: UUID) -> Submitted:
    """A submission as it was at its commit: what has become of it since is another question."""
    return Submitted(
        id=one.id,
        tenant=tenant,
        exercise=one.of.exercise,
        version=one.of.version,
        name=one.name,
        digest=one.digest,
        device=one.device,
        feedback=one.feedback,
        external_id=one.external_id,
        metadata=one.metadata,
        callback=one.callback,
        created=created,
        erased=None,
        request_digest=one.request_digest,
        latest=Grading(
            id=grading, number=1, state="queued", created=created, started=None, finished=None, verdict=None
        ),
    )


def _grading(row: Mapping[str, Any]) -> Grading:
    return value_of(Grading, row, id=row["grading"], created=row["asked"], verdict=row["shown"])


def _submitted(row: Mapping[str, Any]) -> Submitted:
    return value_of(Submitted, row, latest=_grading(row))
