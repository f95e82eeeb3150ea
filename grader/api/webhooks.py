"""Where a tenant is told of verdicts, and the messages on their way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from grader.api.backend import Here
from grader.api.bodies import (
    DeliveryList,
    DeliveryOut,
    NewWebhook,
    Replay,
    Replayed,
    WebhookCreated,
    WebhookList,
    WebhookOut,
)
from grader.api.callers import Admin
from grader.api.problems import Problem, not_found, responses, unusable
from grader.model.service import Webhook
from grader.service.addresses import fault_of_url
from grader.service.ids import new_id
from grader.service.operating import draw_secret

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
MOST: Final = 10


@router.get("", responses=responses(401, 403, 422, 429, 503), summary="List webhooks", operation_id="list_webhooks")
async def all_of_them(backend: Here, caller: Admin) -> WebhookList:
    """Your webhooks, and the secret that signs what goes to the `callback` of a submission."""
    found = await backend.deliveries.webhooks(caller.tenant.id)
    items = [WebhookOut(id=one.id, url=one.url, created=one.created) for one in found]
    return WebhookList(items=items, callback_secret=caller.tenant.secret)


@router.post(
    "",
    status_code=201,
    responses=responses(401, 403, 409, 413, 415, 422, 429, 503),
    summary="Add a webhook",
    operation_id="add_webhook",
)
async def add(body: NewWebhook, backend: Here, caller: Admin) -> WebhookCreated:
    """From now on every verdict is sent there.

    Headers `webhook-id`, `webhook-timestamp` and `webhook-signature` are those of Standard Webhooks.
    """
    fault = fault_of_url(body.url, allow_inside=backend.allow_inside)
    if fault:
        raise unusable("url", fault)
    if len(await backend.deliveries.webhooks(caller.tenant.id)) >= MOST:
        raise Problem(409, f"a tenant has at most {MOST} webhooks; remove one first")
    webhook = Webhook(id=new_id(), url=body.url, secret=draw_secret(), created=datetime.now(UTC))
    await backend.deliveries.add_webhook(caller.tenant.id, webhook)
    await backend.tenants.note(str(caller.key), "webhook added", str(webhook.id), caller.tenant.id)
    return WebhookCreated(id=webhook.id, url=webhook.url, created=webhook.created, secret=webhook.secret)


@router.delete(
    "/{webhook}",
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
    summary="Remove a webhook",
    operation_id="remove_webhook",
)
async def remove(webhook: UUID, backend: Here, caller: Admin) -> Response:
    """Nothing is sent there any more; what was on its way is parked."""
    if not await backend.deliveries.remove_webhook(caller.tenant.id, webhook):
        raise not_found("webhook")
    await backend.tenants.note(str(caller.key), "webhook removed", str(webhook), caller.tenant.id)
    return Response(status_code=204)


@router.get(
    "/deliveries", responses=responses(401, 403, 422, 429, 503), summary="List messages", operation_id="list_messages"
)
async def deliveries(
    backend: Here,
    caller: Admin,
    state: Annotated[Literal["pending", "delivered", "parked"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveryList:
    """Messages to webhooks and callbacks, the newest first."""
    found = await backend.deliveries.deliveries(caller.tenant.id, state, limit)
    items = [
        DeliveryOut(
            id=one.id,
            submission=one.submission,
            url=one.url,
            state=one.state,
            attempts=one.attempts,
            last_error=one.last_error,
            created=one.created,
        )
        for one in found
    ]
    return DeliveryList(items=items)


@router.post(
    "/replay",
    responses=responses(401, 403, 413, 415, 422, 429, 503),
    summary="Send parked messages again",
    operation_id="replay_messages",
)
async def replay_all(body: Replay, backend: Here, caller: Admin) -> Replayed:
    """All that is parked, callbacks too (those since a time)."""
    return Replayed(deliveries=await backend.deliveries.replay(caller.tenant.id, None, body.since))


@router.post(
    "/{webhook}/replay",
    responses=responses(401, 403, 404, 413, 415, 422, 429, 503),
    summary="Send those of one again",
    operation_id="replay_messages_of_webhook",
)
async def replay(webhook: UUID, body: Replay, backend: Here, caller: Admin) -> Replayed:
    """What is parked for one webhook."""
    if webhook not in {one.id for one in await backend.deliveries.webhooks(caller.tenant.id)}:
        raise not_found("webhook")
    return Replayed(deliveries=await backend.deliveries.replay(caller.tenant.id, webhook, body.since))
