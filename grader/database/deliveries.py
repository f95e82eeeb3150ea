"""Where tenants want to be told, and the messages on their way there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from grader.database.connection import Connection, Pool, as_service, as_tenant, back_to_service
from grader.database.queue import DELIVER, DELIVERIES, Order, Queue
from grader.model.service import Delivery, Feedback, Webhook

_MOST_AHEAD = 10_000
_DELIVERY = """
    SELECT id, tenant, submission, url, state, attempts, last_error, created FROM deliveries
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """All that a delivery needs: where to, signed with what, and the verdict that it tells of."""

    delivery: UUID
    submission: UUID
    grading: UUID
    number: int
    external_id: str | None
    url: str
    secret: str
    attempts: int
    verdict: str
    feedback: Feedback
    created: datetime
    traceparent: str | None
    now: datetime


class Deliveries:
    """Rows of webhooks and deliveries."""

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self._pool = pool
        self._queue = queue

    async def add_webhook(self, tenant: UUID, webhook: Webhook) -> None:
        """Keep a webhook of a tenant."""
        async with as_tenant(self._pool, tenant) as connection:
            await connection.execute(
                "INSERT INTO webhooks (id, tenant, url, secret) VALUES (%s, %s, %s, %s)",
                (webhook.id, tenant, webhook.url, webhook.secret),
            )

    async def webhooks(self, tenant: UUID) -> list[Webhook]:
        """A tenant's webhooks, the oldest first."""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                "SELECT id, url, secret, created FROM webhooks WHERE removed IS NULL ORDER BY id"
            )
            return [Webhook(**row) for row in await cursor.fetchall()]

    async def remove_webhook(self, tenant: UUID, webhook: UUID) -> bool:
        """Send nothing there any more; False where there is no such webhook."""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                "UPDATE webhooks SET removed = now(), secret = '' WHERE id = %s AND removed IS NULL", (webhook,)
            )
            return cursor.rowcount == 1

    async def deliveries(self, tenant: UUID, state: str | None, limit: int) -> list[Delivery]:
        """A tenant's messages, the newest first."""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                _DELIVERY + " WHERE %s::text IS NULL OR state = %s ORDER BY id DESC LIMIT %s", (state, state, limit)
            )
            return [Delivery(**row) for row in await cursor.fetchall()]

    async def replay(self, tenant: UUID, webhook: UUID | None, since: datetime | None) -> int:
        """Send parked messages again (those to one webhook, those since a time); how many."""
        async with as_tenant(self._pool, tenant) as connection:
            cursor = await connection.execute(
                """SELECT id FROM deliveries WHERE state = 'parked' AND url <> '' AND (%s::uuid IS NULL OR webhook = %s)
                AND (%s::timestamptz IS NULL OR created >= %s) ORDER BY id FOR UPDATE""",
                (webhook, webhook, since, since),
            )
            parked = [row["id"] for row in await cursor.fetchall()]
            await back_to_service(connection)
            turn = await turn_of(connection, tenant)
            jobs = await self._queue.put(connection, [order_of(one, turn - place) for place, one in enumerate(parked)])
            for delivery, job in zip(parked, jobs, strict=True):
                await connection.execute(
                    "UPDATE deliveries SET state = 'pending', attempts = 0, job = %s WHERE id = %s", (job, delivery)
                )
        return len(parked)

    async def message(self, delivery: UUID) -> Message | None:
        """What is to be sent; None where it was sent, parked, or its webhook removed meanwhile."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(
                """SELECT d.id AS delivery, d.submission, d.grading, g.number, s.external_id, d.url, d.attempts,
                v.shown AS verdict, s.feedback, v.created, now() AS now, g.traceparent,
                coalesce(w.secret, t.secret) AS secret,
                coalesce(w.removed IS NOT NULL, false) AS is_removed
                FROM deliveries d JOIN gradings g ON g.id = d.grading JOIN submissions s ON s.id = d.submission
                JOIN verdicts v ON v.grading = d.grading JOIN tenants t ON t.id = d.tenant
                LEFT JOIN webhooks w ON w.id = d.webhook
                WHERE d.id = %s AND d.state = 'pending'""",
                (delivery,),
            )
            row = await cursor.fetchone()
            if row is None:
                return None
            if row.pop("is_removed"):
                await connection.execute("UPDATE deliveries SET state = 'parked' WHERE id = %s", (delivery,))
                return None
        return Message(**row)

    async def delivered(self, delivery: UUID) -> None:
        """Note that a message was taken."""
        async with as_service(self._pool) as connection:
            await connection.execute(
                """UPDATE deliveries
                SET state = 'delivered', delivered = now(), attempts = attempts + 1, last_error = NULL
                WHERE id = %s AND state = 'pending'""",
                (delivery,),
            )

    async def failed(self, delivery: UUID, error: str, wait_s: float | None) -> None:
        """Note that a message was not taken; it is tried again after `wait_s`, or parked where that is None."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(
                """UPDATE deliveries SET attempts = attempts + 1, last_error = %s,
                state = CASE WHEN %s THEN 'parked' ELSE 'pending' END WHERE id = %s AND state = 'pending'
                RETURNING tenant""",
                (error, wait_s is None, delivery),
            )
            row = await cursor.fetchone()
            if row is not None and wait_s is not None:
                turn = await turn_of(connection, row["tenant"])
                (job,) = await self._queue.put(connection, [order_of(delivery, turn, wait_s)])
                await connection.execute("UPDATE deliveries SET job = %s WHERE id = %s", (job, delivery))


async def turn_of(connection: Connection, tenant: UUID) -> int:
    """The priority of a tenant's next message: lower with each that it has on its way already.

    So one whose receiver takes ten seconds for each of thousands holds up its own messages and nobody else's.
    """
    cursor = await connection.execute(
        """SELECT count(*) AS ahead FROM (
            SELECT 1 FROM deliveries WHERE tenant = %s AND state = 'pending' LIMIT %s
        ) pending""",
        (tenant, _MOST_AHEAD),
    )
    row = await cursor.fetchone()
    return -int(row["ahead"]) if row else 0


def order_of(delivery: UUID, turn: int, wait_s: float = 0.0) -> Order:
    """The job that brings a message."""
    return Order(task=DELIVER, subject=delivery, queue=DELIVERIES, priority=turn, wait_s=wait_s)
