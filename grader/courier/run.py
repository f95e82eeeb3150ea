"""The courier's work, message by message."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import httpx

from grader.courier.sending import open_client, send
from grader.database.connection import Pool
from grader.database.deliveries import Deliveries, Message
from grader.database.queue import DELIVER, DELIVERIES, FreeLane, Queue
from grader.service.retries import wait_before
from grader.service.signing import Signer
from grader.service.submitting import dated, told_time
from grader.service.tracing import SILENT, Facts, Traces

LANES: Final = 16
_GRACE_S: Final = 15.0
_PAUSE_S: Final = 1.0
_log = logging.getLogger("viva.courier")


class Courier:
    """Brings messages, many at a time, so that a slow receiver holds up nobody."""

    def __init__(
        self,
        deliveries: Deliveries,
        signer: Signer,
        client: httpx.AsyncClient,
        *,
        allow_inside: bool,
        traces: Traces = SILENT,
    ) -> None:
        self._deliveries = deliveries
        self._signer = signer
        self._client = client
        self._allow_inside = allow_inside
        self._traces = traces

    async def carry(self, delivery: UUID, _again: bool, _free: FreeLane) -> None:
        """Try to bring a message once; note what came of it. That it was begun before changes nothing."""
        message = await self._deliveries.message(delivery)
        if message is None:
            return
        facts: Facts = {"delivery": str(delivery), "attempt": message.attempts + 1}
        with self._traces.span("delivery", facts, kind="client", parent=message.traceparent) as span:
            body = json.dumps(body_of(message, self._signer)).encode()
            failure = await send(
                self._client,
                message.url,
                message.secret,
                str(delivery),
                body,
                now=message.now,
                allow_inside=self._allow_inside,
            )
            span.tell({"taken": not failure})
            if failure:
                span.failed()
        if not failure:
            await self._deliveries.delivered(delivery)
            return
        wait_s = wait_before(message.attempts + 1)
        await self._deliveries.failed(delivery, failure, wait_s)
        if wait_s is None:
            _log.warning("a message was given up", extra={"delivery": str(delivery), "reason": failure})


def body_of(message: Message, signer: Signer) -> dict[str, Any]:
    """What is sent: the same bytes at every try."""
    return {
        "type": "submission.graded",
        "timestamp": told_time(message.created, message.feedback).isoformat(),
        "data": {
            "submission": str(message.submission),
            "external_id": message.external_id,
            "grading": message.number,
            "verdict": signer.signed(dated(message.verdict, message.created, message.feedback)),
        },
    }


async def run(
    pool: Pool, signer: Signer, stopping: asyncio.Event, *, allow_inside: bool = False, traces: Traces = SILENT
) -> None:
    """Bring messages until `stopping`."""
    queue = Queue(pool)
    await queue.open()
    async with open_client(allow_inside=allow_inside) as client:
        courier = Courier(Deliveries(pool, queue), signer, client, allow_inside=allow_inside, traces=traces)
        while not stopping.is_set():
            try:
                await queue.work(
                    DELIVER, courier.carry, queues=[DELIVERIES], lanes=LANES, stopping=stopping, grace_s=_GRACE_S
                )
            except Exception as error:  # noqa: BLE001 - whatever the library raises when its database goes away
                _log.warning("bringing messages ended (%s); it begins again", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _PAUSE_S)
