"""For operators and their machines: alive, ready, busy with what; and the public keys of verdicts."""

from __future__ import annotations

import hmac
import os
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from grader.api.backend import Here
from grader.api.bodies import UsageDay, UsageOut
from grader.api.callers import Reader
from grader.api.problems import Problem, responses
from grader.database.migrations import is_current
from grader.database.standing import Standing
from grader.model.version import own_version
from grader.service.addresses import is_loopback
from grader.service.verifying import published

router = APIRouter(tags=["operations"])
DAYS = 31
_RECENT_S = 300.0
METRICS_KEY: Final = "VIVA_METRICS_KEY"


@router.get("/healthz", summary="Alive", operation_id="get_health")
async def healthz() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "alive", "version": own_version()}


@router.get("/readyz", responses=responses(503), summary="Ready", operation_id="get_readiness")
async def readyz(backend: Here) -> dict[str, Any]:
    """The database answers with the schema that this program knows, and a worker gave a sign of life."""
    if not await is_current(backend.pool):
        raise Problem(503, "the database does not answer, or has another schema than this program")
    workers = len(await Standing(backend.pool).workers())
    if not workers:
        raise Problem(503, "no worker gave a sign of life in the last 20 s")
    return {"status": "ready", "workers": workers}


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=responses(403, 503),
    summary="Prometheus",
    operation_id="get_metrics",
)
async def metrics(backend: Here, request: Request) -> Response:
    """Queue, workers, verdicts and messages of all tenants.

    For callers on this machine, and for those who send the operator's `VIVA_METRICS_KEY` as a bearer.
    """
    _refuse_strangers(request)
    registry = CollectorRegistry()
    standing = Standing(backend.pool)
    for name, value in (await standing.gauges()).items():
        Gauge("viva_" + name.replace("age_s", "age_seconds"), _HELP[name], registry=registry).set(value)
    verdicts = Counter("viva_verdicts", "Verdicts made, by status.", ["status"], registry=registry)
    for status, count in (await standing.totals()).items():
        verdicts.labels(status=status).inc(count)
    labels = ["exercise", "status"]
    graded = Gauge("viva_recent_verdicts", f"Verdicts of the last {_RECENT_S:.0f} s.", labels, registry=registry)
    took = Gauge(
        "viva_recent_verdict_seconds", "Mean seconds from start to verdict of those.", labels, registry=registry
    )
    waited = Gauge(
        "viva_recent_wait_seconds", "Mean seconds from acknowledgment to start of those.", labels, registry=registry
    )
    for row in await standing.recent(_RECENT_S):
        key = {"exercise": row["exercise"], "status": row["status"]}
        graded.labels(**key).set(row["count"])
        took.labels(**key).set(float(row["seconds"] or 0) / row["count"])
        waited.labels(**key).set(float(row["waited"] or 0) / row["count"])
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _refuse_strangers(request: Request) -> None:
    """Raise Problem 403 for whoever is neither on this machine nor sends the operator's key for metrics."""
    key = os.environ.get(METRICS_KEY, "")
    given = request.headers.get("Authorization", "").encode()
    may = key and hmac.compare_digest(given, f"Bearer {key}".encode())
    if not may and not is_loopback(request.client.host if request.client else ""):
        raise Problem(403, f"metrics are for this machine, or for a bearer that the operator sets as {METRICS_KEY}")


_HELP = {
    "queued": "Gradings that wait for a lane.",
    "running": "Gradings under way.",
    "queue_age_s": "Seconds since the oldest waiting grading was asked for.",
    "nobodys": "Waiting gradings that none of those workers takes.",
    "workers": "Workers with a sign of life in the last 20 s.",
    "lanes": "Lanes of those workers.",
    "deliveries_pending": "Messages on their way.",
    "deliveries_parked": "Messages that were given up.",
}


@router.get("/.well-known/viva-keys.json", responses=responses(503), summary="Public keys", operation_id="list_keys")
async def keys(backend: Here) -> JSONResponse:
    """The keys that verdicts are and were signed with; `viva verify verdict.json --keys FILE` reads them.

    Each with the time in which it was in use: `until` is null while it is, and `revoked` is null unless somebody else
    may have the private key.
    """
    return JSONResponse(published(await backend.signing_keys.all()))


@router.get(
    "/v1/usage", responses=responses(401, 403, 422, 429, 503), summary="What you used", operation_id="get_usage"
)
async def usage(backend: Here, caller: Reader) -> UsageOut:
    """Your quotas, and what you used on each of the last days (UTC)."""
    tenant = caller.tenant
    load = await backend.submissions.load(tenant.id)
    days = await backend.submissions.usage(tenant.id, DAYS)
    return UsageOut(
        tenant=tenant.name,
        per_minute=tenant.per_minute,
        in_flight_limit=tenant.in_flight,
        per_day=tenant.per_day,
        in_flight=load.in_flight,
        today=load.today,
        days=[UsageDay(**{**row, "day": row["day"].isoformat()}) for row in days],
    )
