"""What an operator does: tenants and keys."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from grader.model.service import SCOPES, Feedback, NewKey, Scope, Tenant
from grader.service.ids import new_id
from grader.service.keys import draw_key

FIRST_TENANT: Final = "default"


class TenantRows(Protocol):
    """What is kept of tenants."""

    async def all(self) -> list[Tenant]:
        """Every tenant."""

    async def add(self, tenant: Tenant) -> bool:
        """Add one; False where the name is taken."""

    async def add_key(self, tenant: UUID, key: NewKey) -> None:
        """Keep a new key."""

    async def note(self, actor: str, action: str, subject: str, tenant: UUID | None = None) -> None:
        """Write into the audit table."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A key that was just made, and whose it is."""

    shown: str
    tenant: str


def new_tenant(
    name: str,
    *,
    weight: float = 1.0,
    feedback: Feedback = "score",
    per_minute: int = 6000,
    in_flight: int = 20_000,
    per_day: int = 100_000,
) -> Tenant:
    """A tenant with a fresh id and a fresh secret for its callbacks."""
    return Tenant(
        id=new_id(),
        name=name,
        weight=weight,
        feedback=feedback,
        per_minute=per_minute,
        in_flight=in_flight,
        per_day=per_day,
        secret=draw_secret(),
    )


def draw_secret() -> str:
    """A secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode("ascii")


async def issue_key(
    rows: TenantRows,
    tenant: Tenant,
    *,
    scopes: Sequence[Scope] = SCOPES,
    label: str = "",
    expires: datetime | None = None,
) -> Issued:
    """Make and keep a key; what is shown of it is shown here and never again."""
    drawn = draw_key()
    key = NewKey(
        id=new_id(), prefix=drawn.prefix, digest=drawn.digest, scopes=tuple(scopes), label=label, expires=expires
    )
    await rows.add_key(tenant.id, key)
    await rows.note("operator", "key made", key.prefix, tenant.id)
    return Issued(drawn.shown, tenant.name)


async def first_key(rows: TenantRows) -> Issued | None:
    """Where there is no tenant yet: make one with full feedback, and a key for all scopes; else None."""
    if await rows.all():
        return None
    tenant = new_tenant(FIRST_TENANT, feedback="full")
    if not await rows.add(tenant):  # another `viva serve` was quicker
        return None
    return await issue_key(rows, tenant, label="first key")
